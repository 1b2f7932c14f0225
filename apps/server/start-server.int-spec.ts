import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { loadSettings, type Settings } from '#config'
import { Database, openPool } from '#database'
import { Logger } from '#kernel'
import { FakeClock, freshDatabase, Receiver, type TestDatabaseSettings } from '#testing'
import { startFaultText } from './start-faults.js'
import { type RunningServer, startServer } from './start-server.js'

/** Keeps the messages of level info. */
class InfoLogger extends Logger {
  readonly infos: string[] = []

  override info(_fields: object, message: string): void {
    this.infos.push(message)
  }

  override debug(): void {}
  override warn(): void {}
  override error(): void {}

  override child(): Logger {
    return this
  }
}

const logger = new InfoLogger()
let project: string
let database: TestDatabaseSettings
let settings: Settings
let server: RunningServer

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'signalbox-server-'))
  writeFileSync(join(project, 'graph.js'), 'export const graph = null')
  const configFile = join(project, 'langgraph.json')
  writeFileSync(configFile, JSON.stringify({ graphs: { agent: './graph.js:graph' } }))
  database = await freshDatabase()
  settings = loadSettings({ mode: 'dev', configFile, environment: {}, port: 0 })
  // Vitest cannot load a user's graph as Node does: graphs have specs of their own.
  settings = settingsWith({ graphs: [], database: database.settings })
  server = await startServer({ settings, logger })
})

afterAll(async () => {
  await server.stop()
  await database.remove()
  rmSync(project, { recursive: true, force: true })
})

function settingsWith(changes: Partial<Settings>): Settings {
  return Object.assign({}, settings, changes)
}

it('tells that it is ready in exactly one line, which names the port in use and the pages of dev', () => {
  const url = `http://127.0.0.1:${server.port}`
  expect(logger.infos).toEqual([`signalbox ready on ${url} (console at ${url}/console, its API at ${url}/docs)`])
  expect(server.port).toBeGreaterThan(0)
})

it('is ready, and has the rooms behind the edge', async () => {
  const ready = await fetch(`${server.url}/health/ready`)
  expect([ready.status, await ready.json()]).toEqual([200, { ok: true, parts: { database: 'up' } }])
  const assistants = await fetch(`${server.url}/assistants/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect([assistants.status, await assistants.json()]).toEqual([200, []])
  expect((await fetch(`${server.url}/console`)).status).toBe(200)
})

it('refuses a taken port with a sentence and lets go of what it had opened', async () => {
  const second = await freshDatabase()
  const http = { ...settings.http, port: server.port }
  const start = () => startServer({ settings: settingsWith({ http, database: second.settings }), logger })
  for (let attempt = 0; attempt < 2; attempt++) {
    const fault: unknown = await start().catch((error: unknown) => error)
    expect(startFaultText(fault)).toBe(
      `Port ${server.port} on 127.0.0.1 is already in use. Choose another with --port.`,
    )
  }
  await second.remove()
})

it('lists every graph that does not load', async () => {
  const second = await freshDatabase()
  const missing = ['a', 'b'].map((graphId) => ({
    graphId,
    file: join(project, `${graphId}.js`),
    exportName: 'graph',
    description: null,
  }))
  const start = startServer({ settings: settingsWith({ graphs: missing, database: second.settings }), logger })
  const text = startFaultText(await start.catch((error: unknown) => error))
  expect(text).toMatch(/^Not every graph could be loaded:\n- graph "a" .*\n- graph "b" /)
  await second.remove()
})

it('lets go of the database when a migration fails', async () => {
  const second = await freshDatabase()
  const pool = await openPool(second.settings, logger)
  await pool.query('CREATE TABLE assistants (id int)')
  await pool.end()
  for (let attempt = 0; attempt < 2; attempt++) {
    const start = startServer({ settings: settingsWith({ database: second.settings }), logger })
    await expect(start).rejects.toThrow('"assistants" already exists')
  }
  const again = await openPool(second.settings, logger)
  await again.end()
  await second.remove()
})

it('notes that webhooks are off by the file, and begins to sweep those that are over', async () => {
  const third = await freshDatabase()
  const clock = new FakeClock()
  const webhooks = { ...settings.webhooks, disabled: true }
  const other = await startServer({ settings: settingsWith({ database: third.settings, webhooks }), logger, clock })
  const database = other.app.get(Database, { strict: false })
  const { rows } = await database.query<{ since: Date }>('SELECT file_off_since AS since FROM webhook_settings')
  expect(rows).toEqual([{ since: clock.now() }])
  await database.query(
    `INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, run_status,
       thread_status, status, give_up_at, created_at, run_ended_at, settled_at)
     SELECT id, id, id, id, 'http://h/', 'http://h:80', 'success', 'idle', 'delivered', at, at, at, at
     FROM (SELECT gen_random_uuid() AS id, timestamptz '2025-01-01' AS at) AS one`,
  )
  await clock.advance(60_000)
  const left = async () => (await database.query('SELECT FROM webhook_deliveries')).rows.length
  await vi.waitUntil(async () => (await left()) === 0, { timeout: 10_000 })
  await other.stop(0)
  await third.remove()
})

it('takes up at its start what a dead process was sending, however long the lease is', async () => {
  const third = await freshDatabase()
  const receiver = await Receiver.start()
  const start = () => startServer({ settings: settingsWith({ database: third.settings }), logger })
  const former = await start()
  await former.app.get(Database, { strict: false }).query(
    `INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
       thread_status, status, attempts, cycle_attempts, give_up_at, created_at, run_ended_at, claimed_by, lease_until)
     SELECT id, id, id, id, $1, 'http://h:80', '{}', 'success', 'idle', 'delivering', 1, 1, at, at, at, 'dead', at
     FROM (SELECT gen_random_uuid() AS id, timestamptz '2100-01-01' AS at) AS one`,
    [receiver.url('/taken-up')],
  )
  await former.stop(0)
  expect(receiver.requests).toEqual([])
  const next = await start()
  const request = await receiver.next()
  expect([request.url, request.headers['x-signalbox-attempt']]).toEqual(['/taken-up', '2'])
  await next.stop(0)
  await receiver.close()
  await third.remove()
})

it('stops once however often it is asked, and answers no more', async () => {
  const third = await freshDatabase()
  const other = await startServer({ settings: settingsWith({ database: third.settings }), logger })
  const kept = await fetch(`${other.url}/ok`)
  expect(kept.status).toBe(200)
  await Promise.all([other.stop(0), other.stop(0)])
  await expect(fetch(`${other.url}/ok`)).rejects.toThrow('fetch failed')
  await third.remove()
})

it('has no sentence for a fault of the program', () => {
  expect(startFaultText(new TypeError('x is not a function'))).toBeNull()
})
