import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import { RunsUnderTest } from './runs-app.spec.support.js'

describe('creating runs', () => {
  let db: TestDatabase
  let runs: RunsUnderTest

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE threads, webhook_deliveries CASCADE')
    runs = await RunsUnderTest.open(db)
  })
  afterEach(() => runs.close())

  async function counts(): Promise<number[]> {
    const { rows } = await db.database.query<{ threads: string; runs: string }>(
      'SELECT (SELECT count(*) FROM threads) AS threads, (SELECT count(*) FROM runs) AS runs',
    )
    return [Number(rows[0]?.threads), Number(rows[0]?.runs)]
  }

  it('marks the thread busy and writes what it runs into it', async () => {
    const threadId = await runs.makeThread()
    const config = { configurable: { model: 'm' } }
    const run = await runs.create(threadId, { config, metadata: { label: 1 } })
    expect(run).toMatchObject({ status: 'pending', metadata: { label: 1, assistant_id: run.assistantId } })
    expect(await runs.thread(threadId)).toMatchObject({
      status: 'busy',
      config,
      metadata: { graph_id: 'graph', assistant_id: run.assistantId },
    })
    expect(await runs.run(run)).toEqual(run)
  })

  it('is due later with a delay, and busy at once', async () => {
    const threadId = await runs.makeThread()
    const run = await runs.create(threadId, { afterSeconds: 1.5 })
    expect(run.createdAt.getTime() - runs.clock.now().getTime()).toBe(1_500)
    expect((await runs.thread(threadId))?.status).toBe('busy')
  })

  it.each([
    ['an unknown assistant', { assistantId: newId() }, 'No assistant found for'],
    ['an assistant that is no id', { assistantId: 'nobody\u0000' }, 'No assistant found for'],
    ['a refused webhook', { webhook: 'ftp://example.com' }, 'webhook'],
    ['a missing thread', {}, 'not found'],
  ])('stores nothing for %s', async (_, change, message) => {
    const threadId = newId()
    await expect(runs.create(threadId, { ...change })).rejects.toThrow(message)
    if (Object.keys(change).length > 0) {
      await expect(runs.create(threadId, { ...change, ifNotExists: 'create' })).rejects.toThrow(message)
      await expect(runs.create(null, change)).rejects.toThrow(message)
    }
    expect(await counts()).toEqual([0, 0])
  })

  it('stores nothing for a stateless resume', async () => {
    await expect(runs.create(null, { command: { resume: 1 } })).rejects.toThrow(
      'You must provide a thread_id when resuming.',
    )
    expect(await counts()).toEqual([0, 0])
  })

  it('rejects on a busy thread, also one whose run is delayed, and stores nothing', async () => {
    const threadId = await runs.makeThread()
    await runs.create(threadId, { afterSeconds: 60 })
    await expect(runs.create(threadId, { multitaskStrategy: 'reject' })).rejects.toThrow('already running a task')
    expect(await counts()).toEqual([1, 1])
  })

  it('makes one thread for two who ask for it at once', async () => {
    const threadId = newId()
    const made = await Promise.all([1, 2, 3].map(() => runs.create(threadId, { ifNotExists: 'create' })))
    expect(new Set(made.map(({ threadId: of }) => of))).toEqual(new Set([threadId]))
    expect(await counts()).toEqual([1, 3])
  })

  it('lets one of many rejecting requests through', async () => {
    const threadId = await runs.makeThread()
    const tries = await Promise.allSettled(
      Array.from({ length: 6 }, () => runs.create(threadId, { multitaskStrategy: 'reject' })),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await counts()).toEqual([1, 1])
  })

  it('interrupts what is pending for a new run, in the same commit', async () => {
    const threadId = await runs.makeThread()
    const older = [await runs.create(threadId), await runs.create(threadId, { afterSeconds: 60 })]
    const run = await runs.create(threadId, { multitaskStrategy: 'interrupt' })
    for (const cut of older) expect((await runs.run(cut))?.status).toBe('interrupted')
    expect((await runs.run(run))?.status).toBe('pending')
    expect((await runs.thread(threadId))?.status).toBe('busy')
    expect(runs.finished.map(({ status }) => status)).toEqual(['interrupted', 'interrupted'])
  })

  it('rolls back what is pending for a new run', async () => {
    const threadId = await runs.makeThread()
    await runs.create(threadId)
    const run = await runs.create(threadId, { multitaskStrategy: 'rollback' })
    expect(await counts()).toEqual([1, 1])
    expect((await runs.run(run))?.status).toBe('pending')
  })

  it('keeps the thread of a stateless run when told so', async () => {
    const temporary = await runs.create(null)
    const kept = await runs.create(null, { onCompletion: 'keep' })
    expect([temporary.temporary, kept.temporary]).toEqual([true, false])
    expect((await runs.thread(temporary.threadId))?.temporary).toBe(true)
    expect((await runs.thread(kept.threadId))?.temporary).toBe(false)
  })

  it('stores what PostgreSQL would refuse, made storable', async () => {
    const dirty = 'a\u0000b\ud800'
    const run = await runs.create(await runs.makeThread(), {
      input: { [dirty]: dirty },
      metadata: { [dirty]: dirty },
      config: { configurable: { [dirty]: dirty }, tags: [dirty] },
      context: { [dirty]: dirty },
      injected: { 'x-dirty': dirty },
    })
    expect(JSON.stringify(await runs.run(run))).toContain('a\uFFFDb\uFFFD')
  })
})
