import 'reflect-metadata'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverRoutes, type ServerRoute } from '../support/server-routes.js'
import { tableNames } from './compatibility-page.js'
import { Ground } from './ground.js'
import { METHODS } from './methods.js'
import { ROUTES } from './routes.js'

const ROOT = resolve(import.meta.dirname, '../..')
const NOBODY = '01990000-0000-7000-8000-000000000000'

const absent = ROUTES.filter((route) => route.absent !== undefined)
const present = ROUTES.filter((route) => route.absent === undefined)

let ground: Ground
let routes: readonly ServerRoute[]

beforeAll(async () => {
  routes = await serverRoutes()
  ground = await Ground.start()
})
afterAll(() => ground.stop())

/** As the tables write them: no HEAD, which goes with GET; ANY where every method is taken. */
function asRows(all: readonly ServerRoute[]): string[] {
  const any = new Set(all.filter(({ method }) => method === 'OPTIONS').map(({ path }) => path))
  return [
    ...[...any].map((path) => `ANY ${path}`),
    ...all
      .filter(({ method, path }) => method !== 'HEAD' && !any.has(path))
      .map(({ method, path }) => `${method} ${path}`),
  ]
}

describe('docs/compatibility.md', () => {
  it('has the tables of test/clients, as they are (else: node scripts/compatibility.mjs)', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/compatibility.mjs', '--check'], { cwd: ROOT })
    expect([status, stderr.toString()]).toEqual([0, ''])
    const page = readFileSync(resolve(ROOT, 'docs/compatibility.md'), 'utf8')
    for (const name of tableNames()) expect(page).toContain(`<!-- table: ${name} -->`)
  })

  it('names the routes that the server has, and no others', () => {
    expect(asRows(routes).sort()).toEqual(present.map(({ route }) => route).sort())
  })

  it.each(absent)('$route is not there', async ({ route }) => {
    const [method = '', path = ''] = route.split(' ')
    const url = ground.server.url + path.replaceAll(/\{[a-z_]+\}/g, NOBODY)
    const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } }
    const answer = await fetch(url, { method, ...body })
    // A 404 in other words would be a route's own: one of them has come, and its row must be switched on.
    expect([answer.status, await answer.json()]).toBeOneOf([
      [404, { detail: 'Not Found' }],
      [405, { detail: 'Method Not Allowed' }],
    ])
  })

  it('has no client method that is done by a route that is not, nor the other way round', () => {
    const done = new Set(present.map(({ route }) => route))
    const wrong = METHODS.filter(({ route, absent: why }) => done.has(route) !== (why === undefined))
    expect(wrong).toEqual([])
  })
})
