import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import { JsonLogger, SystemClock } from '#kernel'
import { freshDatabase, openTestDatabase, TEST_DATABASE, type TestDatabase } from '#testing'
import { EventBus } from './event-bus.js'
import { Signals } from './signals.js'

const logger = JsonLogger.create('silent')
const RUN = { runId: 'run-1', threadId: 'thread-1', dueAt: new Date(0) }

/** A process: its bus, and what it hears of runs. */
class Process {
  readonly heard: string[] = []
  misses = 0
  readonly bus = new EventBus(logger)
  readonly signals: Signals

  constructor(uri: string, db: TestDatabase) {
    const settings = { database: { kind: 'postgres', uri, poolSize: 1 }, redis: { uri: 'redis://none' } }
    this.signals = new Signals(settings as Settings, db.database, this.bus, new SystemClock(), logger)
    this.bus.anywhere('run.created', 'spec', (runId) => void this.heard.push(runId))
    this.bus.whenMissed('spec', () => void (this.misses += 1))
  }
}

describe.skipIf(TEST_DATABASE !== 'postgres')('facts between two processes', () => {
  let db: TestDatabase
  let teller: Process
  let hearer: Process

  beforeEach(async () => {
    db = await openTestDatabase()
    const { rows } = await db.pool.query<{ name: string }>('SELECT current_database() AS name')
    const fresh = await freshDatabase()
    const uri = fresh.settings.kind === 'postgres' ? new URL(fresh.settings.uri) : null
    await fresh.remove()
    if (uri === null) throw new Error('no server')
    uri.pathname = `/${rows[0]?.name}`
    teller = new Process(uri.href, db)
    hearer = new Process(uri.href, db)
    await teller.signals.onModuleInit()
    await hearer.signals.onModuleInit()
  })
  afterEach(async () => {
    await teller.signals.onModuleDestroy()
    await hearer.signals.onModuleDestroy()
    await db.close()
  })

  const publish = () => db.unitOfWork.run((tx) => teller.bus.publish(tx, 'run.created', RUN))

  it('are told once committed, by their id, and not to the one who tells', async () => {
    await publish()
    await expect.poll(() => hearer.heard).toEqual(['run-1'])
    expect(teller.heard).toEqual(['run-1'])
    const failing = db.unitOfWork.run(async (tx) => {
      await teller.bus.publish(tx, 'run.created', { ...RUN, runId: 'never' })
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    await Promise.all(Array.from({ length: 500 }, () => publish()))
    await expect.poll(() => hearer.heard.length).toBe(501)
    expect(new Set(hearer.heard)).toEqual(new Set(['run-1']))
    expect(teller.heard).toHaveLength(501)
  })

  it('may have been missed while the connection was lost, which is said once it is back', async () => {
    await db.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'signalbox signals' AND datname = current_database()`,
    )
    await expect.poll(() => [teller.misses, hearer.misses], { timeout: 10_000 }).toEqual([1, 1])
    await publish()
    await expect.poll(() => hearer.heard).toEqual(['run-1'])
  })

  it('of another version that this one does not know, or that are none, are passed over', async () => {
    await db.pool.query(`SELECT pg_notify('signalbox_facts', '["other", ["run.unheard", "x"], ["run.created", "y"]]')`)
    await db.pool.query(`SELECT pg_notify('signalbox_facts', 'no JSON')`)
    await publish()
    await expect.poll(() => hearer.heard).toEqual(['y', 'run-1'])
  })

  it.each([
    'null',
    '5',
    '{}',
    '"text"',
    '["other", 5, null]',
    '["other", ["run.created"], ["run.created", {"a": 1}]]',
    '',
  ])('in a form that none of ours has are passed over: %s', async (payload) => {
    await db.pool.query(`SELECT pg_notify('signalbox_facts', $1)`, [payload])
    await publish()
    await expect.poll(() => hearer.heard).toEqual(['run-1'])
  })
})
