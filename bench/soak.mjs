// Whether memory stays flat: an api and a worker process (and one process on the embedded database beside them) under a
// steady mixed load for so many minutes, with the memory of each, minute by minute. `node bench/soak.mjs --minutes 20`.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cleanUp, cleanUpOnSignals } from './support/cleanup.mjs'
import { embedded, postgres } from './support/databases.mjs'
import { startServerProcess } from './support/server-process.mjs'

const ROOT = resolve(import.meta.dirname, '..')
const REDIS = process.env.SIGNALBOX_BENCH_REDIS ?? 'redis://127.0.0.1:6379/9'
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, rate: { type: 'string', default: '10' } },
})
const MINUTES = Number(values.minutes)
/** Requests a second that each server is given. */
const RATE = Number(values.rate)

cleanUpOnSignals()
const receiver = createServer((request, response) => request.resume().on('end', () => response.end()))
receiver.listen(0, '127.0.0.1')
await once(receiver, 'listening')
const webhook = `http://127.0.0.1:${receiver.address().port}/`

function start(name, database, environment) {
  return startServerProcess({
    command: process.execPath,
    args: (port) => [
      resolve(ROOT, 'dist/apps/cli/main.js'),
      'start',
      `--config=${resolve(ROOT, 'test/fixtures/project/langgraph.json')}`,
      `--port=${port}`,
      `--data-dir=${database.dir}`,
    ],
    cwd: ROOT,
    environment: { SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', ...database.environment, ...environment },
    log: resolve(database.dir, `../soak-${process.pid}-${name}.log`),
  })
}

/** One request of the mixture. */
const DEEDS = [
  (url) => post(url, '/runs/wait', {}),
  (url) => post(url, '/runs/stream', { stream_mode: ['values', 'updates'] }),
  (url) => post(url, '/runs', { webhook }),
  async (url) => post(url, `/threads/${(await thread(url)).thread_id}/runs/wait`, { webhook }),
  async (url) =>
    post(url, `/threads/${(await thread(url)).thread_id}/runs/stream`, { stream_resumable: true, webhook }),
]

async function thread(url) {
  return JSON.parse(await post(url, '/threads', {}))
}

async function post(url, path, body) {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ assistant_id: 'echo', input: { text: 'x'.repeat(2_000) }, ...body }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
  return text
}

async function load(url, until, counts) {
  for (let n = 0; Date.now() < until; n += 1) {
    DEEDS[n % DEEDS.length](url).then(
      () => (counts.done += 1),
      () => (counts.failed += 1),
    )
    await sleep(1_000 / RATE)
  }
}

const [onPostgres, inProcess] = [await postgres(), await embedded()]
if (onPostgres === null) throw new Error('PostgreSQL cannot be reached')
const shared = { REDIS_URI: REDIS }
const servers = {
  api: await start('api', onPostgres, { ...shared, SIGNALBOX_ROLE: 'api' }),
  worker: await start('worker', onPostgres, { ...shared, SIGNALBOX_ROLE: 'worker' }),
  embedded: await start('embedded', inProcess, {}),
}
const counts = { done: 0, failed: 0 }
const until = Date.now() + MINUTES * 60_000
const loads = [load(servers.api.url, until, counts), load(servers.embedded.url, until, counts)]
for (let minute = 0; minute <= MINUTES; minute += 1) {
  const memory = Object.entries(servers).map(([name, server]) => `${name} ${server.rssMiB()?.toFixed(0)} MiB`)
  process.stdout.write(`minute ${minute}: ${memory.join(', ')}; ${counts.done} done, ${counts.failed} failed\n`)
  if (minute < MINUTES) await sleep(60_000)
}
await Promise.all(loads)
receiver.close()
await cleanUp()
