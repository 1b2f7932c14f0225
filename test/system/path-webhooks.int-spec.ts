import 'reflect-metadata'
import { afterEach, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { attemptsByUrl } from '../support/outbox-audit.js'
import { httpProject } from '../support/http-project.js'
import { ServerProcess } from '../support/server-process.js'

const PREFIX = '/lg'
const ADMIN_KEY = 'path-webhooks-admin-key'

/** Paths that are taken, by what the path is in the app. */
const TAKEN = ['/my-hook', '/my-hook?token=%zz&a=b', '/inspector/box', '/inspector/box/below?x=1']

/**
 * Every way to write a route of the server: plain, with dots, encoded, in another case, and below the mount prefix.
 * A body that reached one would make a thread, a run or an item, for it names an assistant.
 */
const BUILT_IN = [
  '/ok',
  '/threads',
  '/threads/search',
  '/runs',
  '/runs/wait',
  '/runs/batch',
  '/assistants',
  '/store/items',
  '/docs',
  '/openapi.json',
  '/metrics',
  '/info',
  '/health/ready',
  '/console',
  '/webhooks/config',
  '/webhooks/settings',
  '/webhooks/deliveries/redeliver',
  '/webhooks/test',
  '/inspector',
  '/inspector/',
]
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${PREFIX}${path}`,
  (path) => `/.${path}`,
  (path) => `/%2e${path}`,
  (path) => `/a/..${path}`,
  (path) => `/a/%2E%2e${path}`,
  (path) => `/my-hook/..${path}`,
  (path) => path.replace(/(?<=.)\//g, '%2f').replace(/^\//, '/%2f'),
  (path) => `${path}/`,
  (path) => `${path}?x`,
  (path) => path.toUpperCase(),
  (path) => `/inspector/..${path}`,
]
const NOT_TAKEN = [...new Set(BUILT_IN.flatMap((path) => SPELLINGS.map((spell) => spell(path))))].filter(
  // Whatever stands below a bin is the bin's.
  (path) => !/^\/inspector\/[^/?]/.test(path),
)

interface Received {
  readonly headers: Record<string, string>
  readonly body: { readonly kwargs: { readonly webhook: string }; readonly status: string }
}

let database: TestDatabaseSettings
let server: ServerProcess | null = null

afterEach(async () => {
  await server?.kill()
  await database.remove()
})

async function start(): Promise<string> {
  database = await freshDatabase()
  server = await ServerProcess.start({
    config: httpProject({ app: 'custom-app/app.ts:app', mount_prefix: PREFIX }),
    database: database.settings,
    environment: {
      SIGNALBOX_INSPECTOR: '1',
      SIGNALBOX_ADMIN_KEY: ADMIN_KEY,
      SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: '10ms,10ms,10ms',
      SIGNALBOX_WEBHOOK_PER_HOST: '64',
    },
  })
  return `${server.url}${PREFIX}`
}

it('path webhooks reach routes of the project and the inspector, carry no identity, and never reach a route of the server', async () => {
  const url = await start()
  const get = async (path: string) =>
    (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })).text()
  const answer = await fetch(`${url}/runs/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-caller', cookie: 'a=of-the-caller' },
    body: JSON.stringify([...TAKEN, ...NOT_TAKEN].map((webhook) => ({ assistant_id: 'echo', input: {}, webhook }))),
  })
  expect(answer.status).toBe(200)
  const backlog = async () => JSON.parse(await get('/metrics?format=json')) as object
  await expect
    .poll(backlog, { timeout: 40_000, interval: 100 })
    .toMatchObject({ queue: { n_pending: 0 }, webhooks: { queued: 0, retrying: 0, dead: NOT_TAKEN.length } })

  const received = JSON.parse(await get('/received')) as Received[]
  expect(received.map(({ body }) => body.kwargs.webhook).sort()).toEqual(TAKEN.slice(0, 2).sort())
  for (const { headers, body } of received) {
    expect(body.status).toBe('success')
    expect(headers).toMatchObject({ 'webhook-id': expect.any(String) as string, 'x-signalbox-attempt': '1' })
    expect(JSON.stringify(headers)).not.toMatch(/of-the-caller|authorization|cookie/)
  }
  const { requests } = JSON.parse(await get('/inspector/box/requests')) as { requests: { path: string }[] }
  expect(requests.map(({ path }) => path).sort()).toEqual(['/inspector/box', '/inspector/box/below'])

  // No route of the server saw any of it, and nothing was made.
  const posted = [
    ...(await get('/metrics')).matchAll(/^http_requests_total\{method="POST",route="([^"]+)".*\} (\d+)$/gm),
  ]
  expect(posted.map(([, route, count]) => [route, count])).toEqual([['/runs/batch', '1']])
  const threads = await fetch(`${url}/threads/count`, { method: 'POST' })
  expect(await threads.json()).toBe(0)
  expect(await server?.stop()).toBe(0)
  const attempts = await attemptsByUrl(database.settings)
  const expected = NOT_TAKEN.map((path) => [path, [1, 2, 3].map((attempt) => ({ attempt, status: 404 }))] as const)
  expect(new Map(NOT_TAKEN.map((path) => [path, attempts.get(path)]))).toEqual(new Map(expected))
})
