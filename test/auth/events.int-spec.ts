import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT } from './callers.js'
import { ROUTE_CASES } from './route-cases.js'
import { ROUTE_EVENTS } from './route-events.js'
import { makeWorld } from './world.js'

const server = TestServer.use({ config: AUTH_PROJECT })

it('tells of every route in the matrix what a handler is asked, and of no other', () => {
  expect(Object.keys(ROUTE_EVENTS).sort()).toEqual(ROUTE_CASES.map(({ route }) => route).sort())
})

describe('a handler is asked by this name and no other (contract 1.7):', () => {
  it.each(ROUTE_CASES.map((one) => ({ ...one, events: ROUTE_EVENTS[one.route] ?? [] })))(
    '$route: $events',
    async ({ route, request, owner, events }) => {
      const world = await makeWorld(server.url, 'alice')
      const [method = ''] = route.split(' ')
      const askWith = (allowed: readonly string[]) =>
        ask(server.url, 'alice', { method, ...request(world), headers: { 'x-allowed': allowed.join(' ') } })

      for (const event of events) {
        const { status, text } = await askWith(events.filter((one) => one !== event))
        expect([status, JSON.parse(text)]).toEqual([403, { detail: `Not ${event}` }])
      }
      const { status, text } = await askWith(events)
      expect([status, status < 400 ? '' : text]).toEqual([owner, ''])
    },
  )
})
