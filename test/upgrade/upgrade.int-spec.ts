import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import type { Pool } from 'pg'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dataSourceOptions, migrate, openPool } from '#database'
import { setUpCheckpoints } from '#graphs'
import { JsonLogger } from '#kernel'
import { freshDatabase, openTestDatabase, Receiver, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { MIGRATIONS } from '../../libs/database/migrations/index.js'
import { ServerProcess } from '../support/server-process.js'
import { allRows, LAST_MIGRATION, loadPreviousRelease, schemaOf } from './previous-release.js'

const logger = JsonLogger.create('silent')
const NOBODY = { answering: '127.0.0.1:1', inTrouble: '127.0.0.1:2' }

const UNTIMED = '00000000-0000-7000-8000-000000000000'
const TIMELESS = `INSERT INTO threads (thread_id, created_at, updated_at) VALUES ($1, now(), now())`
const TAKE_AWAY = `DELETE FROM threads WHERE thread_id = $1 RETURNING state_updated_at = created_at AS is`

describe(`a database of the previous release, on ${TEST_DATABASE}`, () => {
  const names = MIGRATIONS.map(({ name }) => name)
  const older = names.slice(0, names.indexOf(LAST_MIGRATION) + 1)
  let fresh: TestDatabaseSettings
  let pool: Pool
  let before: Awaited<ReturnType<typeof allRows>>
  let after: typeof before
  let applied: string[]
  let isMended: boolean

  beforeAll(async () => {
    fresh = await freshDatabase()
    pool = await openPool(fresh.settings, logger)
    await loadPreviousRelease(pool, NOBODY)
    before = await allRows(pool)
    await pool.query(TIMELESS, [UNTIMED])
    applied = await migrate(await new DataSource(dataSourceOptions(pool)).initialize())
    await setUpCheckpoints(pool)
    const { rows } = await pool.query<{ is: boolean }>(TAKE_AWAY, [UNTIMED])
    isMended = rows[0]?.is === true
    after = await allRows(pool)
  })
  afterAll(async () => {
    await pool.end()
    await fresh.remove()
  })

  it('has the first of our migrations, and gets the others', () => {
    expect(before.get('public.signalbox_migrations')?.map(({ name }) => name)).toEqual(older)
    expect(applied).toEqual(names.slice(older.length))
  })

  it('was filled: no table of it is empty, and every state is there', () => {
    expect([...before].filter(([, rows]) => rows.length === 0).map(([table]) => table)).toEqual([])
    const states = (table: string) => new Set(before.get(table)?.map(({ status }) => status))
    expect(states('public.runs')).toEqual(new Set(['pending', 'running', 'success', 'error', 'timeout', 'interrupted']))
    expect(states('public.threads')).toEqual(new Set(['idle', 'busy', 'interrupted', 'error']))
    expect(states('public.webhook_deliveries')).toEqual(
      new Set(['pending', 'delivering', 'delivered', 'dead', 'cancelled']),
    )
  })

  it('keeps every row as it was', () => {
    for (const [table, rows] of before) {
      if (table === 'public.signalbox_migrations') continue
      const columns = Object.keys(rows[0] ?? {})
      const told = (all: Record<string, unknown>[] | undefined) =>
        all?.map((row) => JSON.stringify(columns.map((column) => row[column]))).sort()
      expect([table, told(after.get(table))]).toEqual([table, told(rows)])
    }
  })

  it('gets new columns and tables as they are where nothing has happened yet', () => {
    expect(after.get('public.crons')).toEqual([])
    expect(after.get('public.webhook_settings')).toMatchObject([
      { held_ms: 0, file_off_since: null, discarded_so_far: null },
    ])
    expect(new Set(after.get('public.webhook_attempts')?.map(({ reason }) => reason))).toEqual(new Set([null]))
  })

  it('gives a thread that knows no time of its state the time of its creation', () => {
    expect(isMended).toBe(true)
  })

  it('has the schema of a new database', async () => {
    const db = await openTestDatabase()
    await setUpCheckpoints(db.pool)
    expect(await schemaOf(pool)).toEqual(await schemaOf(db.pool))
    await db.close()
  })
})

describe(`a server on a database of the previous release, on ${TEST_DATABASE}`, { timeout: 120_000 }, () => {
  const ADMIN_KEY = 'admin'
  let fresh: TestDatabaseSettings
  let receivers: Receiver[]
  let server: ServerProcess
  let client: Client

  beforeAll(async () => {
    fresh = await freshDatabase()
    receivers = [await Receiver.start(), await Receiver.start()]
    const [answering = '', inTrouble = ''] = receivers.map((receiver) => new URL(receiver.url('/')).host)
    const pool = await openPool(fresh.settings, logger)
    await loadPreviousRelease(pool, { answering, inTrouble })
    await pool.end()
    server = await ServerProcess.start({
      database: fresh.settings,
      environment: { SIGNALBOX_ADMIN_KEY: ADMIN_KEY },
    })
    client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  })
  afterAll(async () => {
    await server.stop()
    for (const receiver of receivers) await receiver.close()
    await fresh.remove()
  })

  const named = async (name: string) =>
    (await client.threads.search({ metadata: { name }, sortBy: 'created_at', sortOrder: 'asc' }))[0]!
  const admin = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${server.url}/webhooks/${path}`, { headers: { 'x-admin-key': ADMIN_KEY } })
    return (await answer.json()) as Record<string, unknown>
  }
  const deliveries = async (status: string) => (await admin(`deliveries?status=${status}`))['deliveries'] as object[]

  it('shows threads with their states, and goes on with them', async () => {
    expect(await named('failed')).toMatchObject({ status: 'error' })
    expect(await named('interrupted')).toMatchObject({ status: 'interrupted' })
    const { thread_id } = await named('echoed')
    expect((await client.threads.getState(thread_id)).values).toEqual({ log: ['in', 'echo', 'again', 'echo'] })
    expect((await client.threads.getHistory(thread_id)).length).toBeGreaterThan(2)
    expect(await client.runs.list(thread_id)).toHaveLength(2)
    const went = await client.runs.wait(thread_id, 'echo', { input: { log: ['now'] } })
    expect(went).toEqual({ log: ['in', 'echo', 'again', 'echo', 'now', 'echo'] })
  })

  it('takes the answer to a question that was asked before', async () => {
    const { thread_id } = await named('asked')
    const answered = await client.runs.wait(thread_id, 'asking', { command: { resume: 'yes' } })
    expect(answered).toEqual({ log: ['answer: yes'] })
  })

  it('finishes the run that was killed, then the one that waited for it', async () => {
    const { thread_id } = await named('busy')
    for (const { run_id } of await client.runs.list(thread_id)) await client.runs.join(thread_id, run_id)
    expect((await client.runs.list(thread_id)).map(({ status }) => status)).toEqual(['success', 'success'])
    expect((await client.threads.getState(thread_id)).values).toMatchObject({ log: ['in', 'first', 'second', 'echo'] })
    const delayed = await client.runs.list((await named('delayed')).thread_id)
    expect(delayed.map(({ status }) => status)).toEqual(['pending'])
  })

  it('sends what was due or being sent, and leaves what had ended', async () => {
    const isSent = async () => (await deliveries('pending')).length + (await deliveries('delivering')).length === 0
    await vi.waitUntil(isSent, { timeout: 60_000, interval: 100 })
    expect(await deliveries('cancelled')).toHaveLength(1)
    expect(await deliveries('dead')).toHaveLength(1)
    expect(receivers[0]!.requests.map(({ url }) => url)).toEqual(expect.arrayContaining(['/hang', '/later', '/no']))
    expect(receivers[1]!.requests).toHaveLength(5)
    expect((await admin('settings'))['history']).toHaveLength(2)
  })

  it('has the assistants with their versions, and the items of the store', async () => {
    const [mine] = await client.assistants.search({ metadata: { team: 'a' } })
    expect(mine).toMatchObject({ name: 'mine, better', version: 2 })
    expect(await client.assistants.getVersions(mine!.assistant_id)).toHaveLength(2)
    expect(await client.assistants.setLatest(mine!.assistant_id, 1)).toMatchObject({ name: 'mine' })
    const { items } = await client.store.searchItems(['users'])
    expect(items.map(({ value }) => value)).toEqual(expect.arrayContaining([{ food: 'soup' }, { food: 'rice' }]))
  })

  it('does what the previous release could not', async () => {
    const cron = await client.crons.create('echo', { schedule: '0 0 1 1 *', input: {} })
    expect(cron).toMatchObject({ schedule: '0 0 1 1 *' })
  })
})
