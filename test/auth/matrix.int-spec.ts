import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { serverRoutes } from '../support/server-routes.js'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT } from './callers.js'
import { ADMIN_ROUTES, type CaseRequest, OPEN_ROUTES, ROUTE_CASES, type RouteCase } from './route-cases.js'
import { makeWorld, MARKER, missingWorld, readWorld, type World } from './world.js'

const ADMIN_KEY = 'the-key-of-the-administrator'

const server = TestServer.use({
  config: AUTH_PROJECT,
  environment: { SIGNALBOX_ADMIN_KEY: ADMIN_KEY, SIGNALBOX_INSPECTOR: '1' },
})

/** TRACE cannot be sent by `fetch`. */
const routes = (await serverRoutes()).filter(({ method }) => method !== 'TRACE')
const named = routes.map(({ method, path }) => `${method} ${path}`)

/** A HEAD is a GET without the body. */
const withHeads = ROUTE_CASES.flatMap((one): RouteCase[] => {
  const head = one.route.replace(/^GET /, 'HEAD ')
  return one.route === head || !named.includes(head) ? [one] : [one, { ...one, route: head }]
})

/** A handler that filters and stamps, one that only filters, and for a search one that only changes what is looked for. */
function waysOfHandlers({ otherBody }: RouteCase): Record<string, string>[] {
  const ways = [{}, { 'x-stamped': 'none' }]
  return otherBody === undefined ? ways : [...ways, { 'x-filtered': 'none' }]
}

it('every route of the server is in the matrix, and nothing else is', () => {
  const judged = new Set(withHeads.map(({ route }) => route))
  const left = named.filter((route) => !judged.has(route) && !OPEN_ROUTES.test(route) && !ADMIN_ROUTES.test(route))
  expect(left).toEqual([])
  expect([...judged].filter((route) => !named.includes(route))).toEqual([])
})

describe('what belongs to somebody', () => {
  it.each(withHeads)('$route: owner $owner, other $other, nobody 401', async (one) => {
    const world = await makeWorld(server.url, 'alice')
    const before = await readWorld(server.url, world)
    const [method = ''] = one.route.split(' ')
    const request = { method, ...one.request(world) }

    const nobody = await ask(server.url, null, request)
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="tests"'])
    if (method !== 'HEAD') expect(JSON.parse(nobody.text)).toEqual({ detail: 'Who are you?' })

    for (const headers of waysOfHandlers(one)) {
      const other = await ask(server.url, 'bob', { ...request, headers })
      expect(other.status).toBe(one.other)
      expect(other.text).not.toContain(MARKER)
      if (one.otherBody !== undefined) expect(JSON.parse(other.text)).toEqual(one.otherBody)
    }

    expect(await readWorld(server.url, world)).toEqual(before)
    const owner = await ask(server.url, 'alice', request)
    expect([owner.status, owner.status < 400 ? '' : owner.text]).toEqual([one.owner, ''])
  })

  it.each(withHeads.filter(({ other }) => other === 404))('$route: as if it were not there', async (one) => {
    const [method = ''] = one.route.split(' ')
    const answerFor = async (world: World) => {
      const { status, text } = await ask(server.url, 'bob', { method, ...usingOnly(one.request(world)) })
      return { status, text: Object.values(world).reduce<string>((all, id) => all.replaceAll(String(id), '…'), text) }
    }
    const hidden = await answerFor(await makeWorld(server.url, 'alice'))
    expect(hidden).toEqual(await answerFor(missingWorld('alice')))
  })
})

/** Without what would have made what is not there. */
function usingOnly(request: CaseRequest): CaseRequest {
  const reduced: unknown = JSON.parse(JSON.stringify(request), (key, value: unknown) =>
    key === 'if_not_exists' ? undefined : value,
  )
  return reduced as CaseRequest
}

describe('what belongs to nobody', () => {
  const path = (route: string) => route.replace('{bin}', 'box').replace('/*', '/below')

  it.each(named.filter((route) => OPEN_ROUTES.test(route)))('%s asks nobody', async (route) => {
    const [method = '', template = ''] = route.split(' ')
    const { status } = await ask(server.url, null, { method, path: path(template) })
    expect([401, 403]).not.toContain(status)
  })

  it.each(named.filter((route) => ADMIN_ROUTES.test(route)))('%s is for administrators alone', async (route) => {
    const [method = '', template = ''] = route.split(' ')
    const request = { method, path: path(template).replace(/\{(delivery_id|id)\}/, crypto.randomUUID()) }
    for (const user of [null, 'alice']) expect((await ask(server.url, user, request)).status).toBe(401)
    const headers = { 'x-admin-key': ADMIN_KEY }
    expect([401, 403]).not.toContain((await ask(server.url, null, { ...request, headers })).status)
  })
})
