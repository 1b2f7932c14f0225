import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { ask, AUTH_PROJECT } from '../auth/callers.js'
import { ADMIN_ROUTES, ROUTE_CASES } from '../auth/route-cases.js'
import { makeWorld, type World } from '../auth/world.js'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { ServerProcess } from '../support/server-process.js'
import { serverRoutes } from '../support/server-routes.js'

const ADMIN_KEY = 'the-key-of-the-administrator'

/** How long a request may take where nothing answers, in ms: much longer, and clients give up first. */
const PATIENCE_MS = 12_000

/** Routes that are answered from memory, and what they answer. */
const WITHOUT_DATABASE: Readonly<Record<string, number>> = {
  'GET /metrics': 200,
  'HEAD /metrics': 200,
  'POST /webhooks/test': 200,
  'GET /webhooks/config': 200,
  'HEAD /webhooks/config': 200,
  'GET /inspector/{bin}/requests': 200,
  'HEAD /inspector/{bin}/requests': 200,
  'DELETE /inspector/{bin}/requests': 204,
  'GET /inspector/{bin}/requests/{id}': 404,
  'HEAD /inspector/{bin}/requests/{id}': 404,
}

interface Case {
  readonly route: string
  readonly path: string
  readonly body?: unknown
}

// The embedded database lives and dies with the process: it cannot be away.
describe.skipIf(TEST_DATABASE !== 'postgres')('every route, with PostgreSQL away', { timeout: 120_000 }, () => {
  let fresh: TestDatabaseSettings
  let wire: CuttingProxy
  let server: ServerProcess
  let cases: Case[]

  beforeAll(async () => {
    fresh = await freshDatabase()
    const { settings } = fresh
    if (settings.kind !== 'postgres') throw new Error('this needs PostgreSQL')
    wire = await CuttingProxy.start(settings.uri)
    const uri = new URL(settings.uri)
    uri.port = String(wire.port)
    server = await ServerProcess.start({
      config: AUTH_PROJECT,
      database: { ...settings, uri: uri.href },
      environment: { SIGNALBOX_ADMIN_KEY: ADMIN_KEY, SIGNALBOX_INSPECTOR: '1' },
    })
    cases = [...casesOf(await makeWorld(server.url, 'alice')), ...(await adminCases())]
  })
  afterAll(async () => {
    await server?.kill()
    await wire?.close()
    await fresh?.remove()
  })

  async function answers(): Promise<Record<string, string>> {
    const asked = cases.map(async ({ route, path, body }) => {
      const [method = ''] = route.split(' ')
      const headers = ADMIN_ROUTES.test(route) ? { 'x-admin-key': ADMIN_KEY } : {}
      const answer = await ask(server.url, 'alice', { method, path, body, headers, deadlineMs: PATIENCE_MS })
      return [route, `${answer.status} ${answer.headers.get('retry-after') ?? ''}`.trim()] as const
    })
    return Object.fromEntries(await Promise.all(asked))
  }

  const expected = () =>
    Object.fromEntries(cases.map(({ route }) => [route, String(WITHOUT_DATABASE[route] ?? '503 2')]))

  const readiness = async () => {
    const { status, text } = await ask(server.url, null, { method: 'GET', path: '/health/ready' })
    return [status, JSON.parse(text)] as const
  }

  it('answers 503 with Retry-After while connections are refused', async () => {
    await wire.close()
    expect(await answers()).toEqual(expected())
    await wire.reopen()
    await expect.poll(readiness, { timeout: 10_000 }).toMatchObject([200, {}])
  })

  it('answers the same, and in time, while the server takes packets and says nothing', async () => {
    await Promise.all(Array.from({ length: 20 }, readiness)) // so that there are connections that were good
    wire.freeze()
    expect(await answers()).toEqual(expected())
    const { status } = await ask(server.url, null, { method: 'GET', path: '/health/live' })
    expect(status).toBe(200)
    wire.thaw()
    await expect.poll(readiness, { timeout: 10_000 }).toMatchObject([200, {}])
  })
})

function casesOf(world: World): Case[] {
  return ROUTE_CASES.map(({ route, request }) => ({ route, ...request(world) }))
}

async function adminCases(): Promise<Case[]> {
  const named = (await serverRoutes()).map(({ method, path }) => `${method} ${path}`)
  return named
    .filter((route) => ADMIN_ROUTES.test(route))
    .map((route) => {
      const [, template = ''] = route.split(' ')
      const path = template.replace('{bin}', 'box').replace(/\{(delivery_id|id)\}/, crypto.randomUUID())
      return { route, path, ...(ADMIN_BODIES[route] === undefined ? {} : { body: ADMIN_BODIES[route] }) }
    })
}

const ADMIN_BODIES: Readonly<Record<string, unknown>> = {
  'POST /webhooks/deliveries/redeliver': { status: 'dead' },
  'POST /webhooks/test': { url: '/inspector/box' },
  'PATCH /webhooks/settings': { disabled: true },
}
