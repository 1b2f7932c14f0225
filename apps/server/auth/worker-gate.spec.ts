import { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import type { Gatekeeper } from '../edge/request-hook.js'
import { WorkerGate } from './worker-gate.js'

let admitted = 0
const inner: Gatekeeper = {
  admit: () => {
    admitted += 1
    return null
  },
  enter: (_request, work) => work(),
}

/** Whether a request for what stands under this template gets past the gate. */
function isLetIn(template: string | null, { mountPrefix = '', socket = new Socket() as object } = {}): boolean {
  const request = { is404: template === null, routeOptions: { url: template ?? undefined }, raw: { socket } }
  const before = admitted
  try {
    void new WorkerGate(inner, mountPrefix).admit(request as unknown as FastifyRequest, 'route')
  } catch (error) {
    expect(error).toMatchObject({ code: 'not_served_here', status: 404 })
  }
  return admitted > before
}

it.each(['/ok', '/info', '/health/live', '/health/ready', '/metrics'])(
  'operations may ask a worker: %s',
  (template) => {
    expect(isLetIn(template)).toBe(true)
    expect(isLetIn(`/agents${template}`, { mountPrefix: '/agents' })).toBe(true)
  },
)

it.each(['/threads', '/runs/wait', '/store/items', '/docs', '/webhooks/health', '/', '/healthy', null])(
  'nobody else may: %s',
  (template) => expect(isLetIn(template)).toBe(false),
)

it('the code of its own graphs may ask for anything, by a connection in memory', () => {
  const socket = new Duplex()
  expect([isLetIn('/threads', { socket }), isLetIn(null, { socket })]).toEqual([true, true])
})
