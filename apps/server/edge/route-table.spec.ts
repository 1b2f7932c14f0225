import fastify from 'fastify'
import { expect, it } from 'vitest'
import { RouteTable } from './route-table.js'

const server = fastify({ exposeHeadRoutes: false })
const table = RouteTable.of(server)
const answer = () => null
server.get('/api/threads/:thread_id', answer)
server.delete('/api/threads/:thread_id', answer)
server.route({ method: ['GET', 'POST'], url: '/api/threads/search', handler: answer })
server.all('/inspector/*', answer)

it.each([
  ['/api/threads/t', ['DELETE', 'GET']],
  ['/api/threads/t?a=/b#c', ['DELETE', 'GET']],
  ['/api/threads/search', ['DELETE', 'GET', 'POST']],
  ['/api/threads/', []],
  ['/api/threads', []],
  ['/threads/t', []],
  ['/api/threads/t/x', []],
])('%s takes %j', (url, methods) => {
  expect(table.methodsAt(url)).toEqual(methods)
})

it('matches whatever stands behind a wildcard', () => {
  expect(table.methodsAt('/inspector/a/b')).toContain('PATCH')
  expect(table.methodsAt('/inspector')).toEqual([])
})
