// Prints the database of a release as it was used: test/upgrade/ holds what comes after it against that.
// Usage, with a checkout of the release that is built: node scripts/release-dump.mjs CHECKOUT > test/upgrade/previous-release.sql
// Everything is made by the release itself, over its API; it is killed in the midst of a run and of a webhook.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import pg from 'pg'

const POSTGRES = process.env['SIGNALBOX_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432'
const DATABASE = 'signalbox_release_dump'
/** Where webhooks go; whoever reads the dump puts a receiver's address in its place. */
const RECEIVER = 18_997
/** The same of a host that is in trouble. */
const DOWN = 18_998
const ADMIN_KEY = 'admin'
const YEARS_MINUTES = 60 * 24 * 365 * 50

const checkout = resolve(process.argv[2] ?? '.')
const sql = async (statement, database = DATABASE) => {
  const client = new pg.Client({ connectionString: `${POSTGRES}/${database}` })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

/** Waits until the statement finds something. */
async function until(statement) {
  for (let tries = 0; tries < 300; tries++) {
    if ((await sql(statement)).length > 0) return
    await pause(100)
  }
  throw new Error(`never came true: ${statement}`)
}

/** Answers by the path: /ok, /gone, /later (503), /hang. */
async function receiver(port) {
  const answers = { '/gone': 410, '/later': 503, '/no': 404 }
  const server = createServer((request, response) => {
    if (request.url === '/hang') return
    request.resume()
    response.statusCode = answers[request.url] ?? 200
    response.end('thank you')
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return server
}

async function startServer() {
  const config = resolve(checkout, 'test/fixtures/project/langgraph.json')
  const child = spawn(
    process.execPath,
    [resolve(checkout, 'dist/apps/cli/main.js'), 'start', '--config', config, '--port', '0'],
    {
      env: {
        ...process.env,
        DATABASE_URI: `${POSTGRES}/${DATABASE}`,
        SIGNALBOX_ADMIN_KEY: ADMIN_KEY,
        SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
        SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: '1h,1h',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  for await (const line of createInterface(child.stdout)) {
    const url = /signalbox ready on (http:\/\/[^"\s]+)/.exec(line)?.[1]
    if (url) return { child, url }
  }
  throw new Error('the server did not start')
}

const webhook = (path, port = RECEIVER) => `http://127.0.0.1:${port}${path}`

async function makeThreads(client) {
  const named = async (name, options = {}) =>
    (await client.threads.create({ metadata: { name }, ...options })).thread_id
  const echoed = await named('echoed')
  await client.runs.wait(echoed, 'echo', { input: { log: ['in'] }, webhook: webhook('/ok'), metadata: { n: 1 } })
  await client.runs.wait(echoed, 'echo', { input: { log: ['again'] }, webhook: webhook('/gone') })
  await client.threads.copy(echoed)
  await client.runs.wait(await named('failed'), 'failing', { input: {}, webhook: webhook('/no'), raiseError: false })
  const asked = await named('asked')
  await client.runs.wait(asked, 'asking', { input: {} })
  const answered = await named('answered')
  await client.runs.wait(answered, 'asking', { input: {} })
  await client.runs.wait(answered, 'asking', { command: { resume: 'yes' } })
  const interrupted = await named('interrupted')
  const { run_id } = await client.runs.create(interrupted, 'steps', { input: { gate: webhook('/hang') } })
  await until(`SELECT FROM langgraph.checkpoint_writes WHERE thread_id = '${interrupted}' AND channel = 'log'`)
  await client.runs.cancel(interrupted, run_id, true)
  await named('mortal', { ttl: { ttl: YEARS_MINUTES, strategy: 'delete' } })
  await client.runs.create(await named('delayed'), 'echo', { input: {}, afterSeconds: 86_400 })
}

async function makeResources(client) {
  const assistant = await client.assistants.create({ graphId: 'echo', name: 'mine', metadata: { team: 'a' } })
  await client.assistants.update(assistant.assistant_id, { graphId: 'echo', name: 'mine, better' })
  await client.store.putItem(['users', 'ann'], 'likes', { food: 'soup' })
  await client.store.putItem(['users', 'ben'], 'likes', { food: 'rice' }, { ttl: YEARS_MINUTES })
}

async function makeDeliveries(client, url) {
  const admin = (method, path, body) =>
    fetch(`${url}/webhooks/${path}`, {
      method,
      headers: { 'x-admin-key': ADMIN_KEY, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const sent = async (to) => {
    const { thread_id } = await client.threads.create({ metadata: { name: 'sent' } })
    await client.runs.wait(thread_id, 'echo', { input: {}, webhook: to })
  }
  for (let run = 0; run < 5; run++) await sent(webhook('/later', DOWN))
  await until('SELECT FROM webhook_breakers')
  await sent(webhook('/later'))
  await admin('PATCH', 'settings', { disabled: true, by: 'ann', reason: 'receiver is being moved' })
  await sent(webhook('/ok'))
  const [{ id }] = await sql(
    `SELECT delivery_id AS id FROM webhook_deliveries WHERE attempts = 0 AND status = 'pending'`,
  )
  await admin('POST', `deliveries/${id}/cancel`)
  await admin('PATCH', 'settings', { disabled: false, by: 'ann' })
  await sent(webhook('/hang'))
  await until(`SELECT FROM webhook_deliveries WHERE status = 'delivering' AND url LIKE '%/hang'`)
}

/** A run that is executed, and one that waits for it. */
async function makeBusy(client) {
  const { thread_id } = await client.threads.create({ metadata: { name: 'busy' } })
  const input = { log: ['in'], gate: webhook('/hang') }
  await client.runs.create(thread_id, 'steps', { input, webhook: webhook('/ok') })
  await client.runs.create(thread_id, 'echo', { input: {}, multitaskStrategy: 'enqueue', webhook: webhook('/ok') })
  await until(`SELECT FROM langgraph.checkpoint_writes w JOIN runs r ON r.thread_id::text = w.thread_id
    WHERE r.status = 'running' AND w.channel = 'log'`)
}

await sql(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`, 'postgres')
await sql(`CREATE DATABASE ${DATABASE}`, 'postgres')
const receivers = [await receiver(RECEIVER), await receiver(DOWN)]
const { child, url } = await startServer()
const client = new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } })
await makeThreads(client)
await makeResources(client)
await makeDeliveries(client, url)
await makeBusy(client)
child.kill('SIGKILL')
await once(child, 'exit')
// The one state that would take a server of its own.
await sql(
  `UPDATE runs SET status = 'timeout' WHERE run_id = (SELECT max(run_id::text)::uuid FROM runs WHERE status = 'success')`,
)
for (const server of receivers) server.closeAllConnections()
for (const server of receivers) server.close()
const dump = execFileSync('pg_dump', ['--inserts', '--no-owner', '--no-privileges', `${POSTGRES}/${DATABASE}`], {
  encoding: 'utf8',
})
// Neither psql's own commands nor comments, nor settings that not every version knows.
const isStatement = (line) => !/^(\\|--|SET |SELECT pg_catalog\.set_config)/.test(line)
process.stdout.write(
  dump
    .split('\n')
    .filter(isStatement)
    .join('\n')
    .replace(/\n{2,}/g, '\n')
    .trimStart(),
)
await sql(`DROP DATABASE ${DATABASE}`, 'postgres')
