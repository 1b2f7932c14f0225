import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT } from './callers.js'
import { namedRoutes, ownershipMatrix, withHeads } from './ownership-matrix.js'
import { ADMIN_ROUTES, OPEN_ROUTES } from './route-cases.js'

const ADMIN_KEY = 'the-key-of-the-administrator'

const server = TestServer.use({
  config: AUTH_PROJECT,
  environment: { SIGNALBOX_ADMIN_KEY: ADMIN_KEY, SIGNALBOX_INSPECTOR: '1' },
})

const routes = await namedRoutes()

it('every route of the server is in the matrix, and nothing else is', () => {
  const judged = new Set(withHeads(routes).map(({ route }) => route))
  const left = routes.filter((route) => !judged.has(route) && !OPEN_ROUTES.test(route) && !ADMIN_ROUTES.test(route))
  expect(left).toEqual([])
  expect([...judged].filter((route) => !routes.includes(route))).toEqual([])
})

describe('what belongs to somebody', () => ownershipMatrix(routes, () => [server.url, server.url]))

describe('what belongs to nobody', () => {
  const path = (route: string) => route.replace('{bin}', 'box').replace('/*', '/below')

  it.each(routes.filter((route) => OPEN_ROUTES.test(route)))('%s asks nobody', async (route) => {
    const [method = '', template = ''] = route.split(' ')
    const { status } = await ask(server.url, null, { method, path: path(template) })
    expect([401, 403]).not.toContain(status)
  })

  it.each(routes.filter((route) => ADMIN_ROUTES.test(route)))('%s is for administrators alone', async (route) => {
    const [method = '', template = ''] = route.split(' ')
    const request = { method, path: path(template).replace(/\{(delivery_id|id)\}/, crypto.randomUUID()) }
    for (const user of [null, 'alice']) expect((await ask(server.url, user, request)).status).toBe(401)
    const headers = { 'x-admin-key': ADMIN_KEY }
    expect([401, 403]).not.toContain((await ask(server.url, null, { ...request, headers })).status)
  })
})
