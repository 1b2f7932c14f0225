import { expect, it } from 'vitest'
import { serverRoutes } from '../support/server-routes.js'
import { ask } from './callers.js'
import { type CaseRequest, ROUTE_CASES, type RouteCase } from './route-cases.js'
import { makeWorld, MARKER, missingWorld, readWorld, type World } from './world.js'

/** Every route of the server, as `GET /threads/{thread_id}`; TRACE cannot be sent by `fetch`. */
export async function namedRoutes(): Promise<readonly string[]> {
  const routes = await serverRoutes()
  return routes.filter(({ method }) => method !== 'TRACE').map(({ method, path }) => `${method} ${path}`)
}

/** The cases of all routes that belong to somebody. A HEAD is a GET without the body. */
export function withHeads(routes: readonly string[]): readonly RouteCase[] {
  return ROUTE_CASES.flatMap((one): RouteCase[] => {
    const head = one.route.replace(/^GET /, 'HEAD ')
    return one.route === head || !routes.includes(head) ? [one] : [one, { ...one, route: head }]
  })
}

/** A handler that filters and stamps, one that only filters, and for a search one that only changes what is looked for. */
function waysOfHandlers({ otherBody }: RouteCase): Record<string, string>[] {
  const ways = [{}, { 'x-stamped': 'none' }]
  return otherBody === undefined ? ways : [...ways, { 'x-filtered': 'none' }]
}

/** Each route asked by its owner, by somebody else and by nobody: the owner at the first server, the others at the second. */
export function ownershipMatrix(routes: readonly string[], servers: () => readonly [string, string]): void {
  it.each(withHeads(routes))('$route: owner $owner, other $other, nobody 401', async (one) => {
    const [owners, others] = servers()
    const world = await makeWorld(owners, 'alice')
    const before = await readWorld(owners, world)
    const [method = ''] = one.route.split(' ')
    const request = { method, ...one.request(world) }

    const nobody = await ask(others, null, request)
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="tests"'])
    if (method !== 'HEAD') expect(JSON.parse(nobody.text)).toEqual({ detail: 'Who are you?' })

    for (const headers of waysOfHandlers(one)) {
      const other = await ask(others, 'bob', { ...request, headers })
      expect(other.status).toBe(one.other)
      expect(other.text).not.toContain(MARKER)
      if (one.otherBody !== undefined) expect(JSON.parse(other.text)).toEqual(one.otherBody)
    }

    expect(await readWorld(owners, world)).toEqual(before)
    const owner = await ask(owners, 'alice', request)
    expect([owner.status, owner.status < 400 ? '' : owner.text]).toEqual([one.owner, ''])
  })

  it.each(withHeads(routes).filter(({ other }) => other === 404))('$route: as if it were not there', async (one) => {
    const [owners, others] = servers()
    const [method = ''] = one.route.split(' ')
    const answerFor = async (world: World) => {
      const { status, text } = await ask(others, 'bob', { method, ...usingOnly(one.request(world)) })
      return { status, text: Object.values(world).reduce<string>((all, id) => all.replaceAll(String(id), '…'), text) }
    }
    const hidden = await answerFor(await makeWorld(owners, 'alice'))
    expect(hidden).toEqual(await answerFor(missingWorld('alice')))
  })
}

/** Without what would have made what is not there. */
function usingOnly(request: CaseRequest): CaseRequest {
  const reduced: unknown = JSON.parse(JSON.stringify(request), (key, value: unknown) =>
    key === 'if_not_exists' ? undefined : value,
  )
  return reduced as CaseRequest
}
