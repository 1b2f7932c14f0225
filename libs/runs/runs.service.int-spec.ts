import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { RunsRoom } from './runs-room.spec.support.js'

describe('creating runs', () => {
  const room = RunsRoom.use()

  async function counts(): Promise<number[]> {
    const { rows } = await room.db.database.query<{ threads: string; runs: string }>(
      'SELECT (SELECT count(*) FROM threads) AS threads, (SELECT count(*) FROM runs) AS runs',
    )
    return [Number(rows[0]?.threads), Number(rows[0]?.runs)]
  }

  it('marks the thread busy and writes what it runs into it', async () => {
    const threadId = await room.runs.makeThread()
    const config = { configurable: { model: 'm' } }
    const run = await room.runs.create(threadId, { config, metadata: { label: 1 } })
    expect(run).toMatchObject({ status: 'pending', metadata: { label: 1, assistant_id: run.assistantId } })
    expect(await room.runs.thread(threadId)).toMatchObject({
      status: 'busy',
      config,
      metadata: { graph_id: 'graph', assistant_id: run.assistantId },
    })
    expect(await room.runs.run(run)).toEqual(run)
  })

  it('is due later with a delay, and busy at once', async () => {
    const threadId = await room.runs.makeThread()
    const run = await room.runs.create(threadId, { afterSeconds: 1.5 })
    expect(run.createdAt.getTime() - room.runs.clock.now().getTime()).toBe(1_500)
    expect((await room.runs.thread(threadId))?.status).toBe('busy')
  })

  it.each([
    ['an unknown assistant', { assistantId: newId() }, 'No assistant found for'],
    ['an assistant that is no id', { assistantId: 'nobody\u0000' }, 'No assistant found for'],
    ['a refused webhook', { webhook: 'ftp://example.com' }, 'webhook'],
    ['a missing thread', {}, 'not found'],
  ])('stores nothing for %s', async (_, change, message) => {
    const threadId = newId()
    await expect(room.runs.create(threadId, { ...change })).rejects.toThrow(message)
    if (Object.keys(change).length > 0) {
      await expect(room.runs.create(threadId, { ...change, ifNotExists: 'create' })).rejects.toThrow(message)
      await expect(room.runs.create(null, change)).rejects.toThrow(message)
    }
    expect(await counts()).toEqual([0, 0])
  })

  it('stores nothing for a stateless resume', async () => {
    await expect(room.runs.create(null, { command: { resume: 1 } })).rejects.toThrow(
      'You must provide a thread_id when resuming.',
    )
    expect(await counts()).toEqual([0, 0])
  })

  it('rejects on a busy thread, also one whose run is delayed, and stores nothing', async () => {
    const threadId = await room.runs.makeThread()
    await room.runs.create(threadId, { afterSeconds: 60 })
    await expect(room.runs.create(threadId, { multitaskStrategy: 'reject' })).rejects.toThrow('already running a task')
    expect(await counts()).toEqual([1, 1])
  })

  it('makes one thread for two who ask for it at once', async () => {
    const threadId = newId()
    const made = await Promise.all([1, 2, 3].map(() => room.runs.create(threadId, { ifNotExists: 'create' })))
    expect(new Set(made.map(({ threadId: of }) => of))).toEqual(new Set([threadId]))
    expect(await counts()).toEqual([1, 3])
  })

  it('lets one of many rejecting requests through', async () => {
    const threadId = await room.runs.makeThread()
    const tries = await Promise.allSettled(
      Array.from({ length: 6 }, () => room.runs.create(threadId, { multitaskStrategy: 'reject' })),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await counts()).toEqual([1, 1])
  })

  it('interrupts what is pending for a new run, in the same commit', async () => {
    const threadId = await room.runs.makeThread()
    const older = [await room.runs.create(threadId), await room.runs.create(threadId, { afterSeconds: 60 })]
    const run = await room.runs.create(threadId, { multitaskStrategy: 'interrupt' })
    for (const cut of older) expect((await room.runs.run(cut))?.status).toBe('interrupted')
    expect((await room.runs.run(run))?.status).toBe('pending')
    expect((await room.runs.thread(threadId))?.status).toBe('busy')
    expect(room.runs.finished.map(({ status }) => status)).toEqual(['interrupted', 'interrupted'])
  })

  it('rolls back what is pending for a new run', async () => {
    const threadId = await room.runs.makeThread()
    await room.runs.create(threadId)
    const run = await room.runs.create(threadId, { multitaskStrategy: 'rollback' })
    expect(await counts()).toEqual([1, 1])
    expect((await room.runs.run(run))?.status).toBe('pending')
  })

  it('keeps the thread of a stateless run when told so', async () => {
    const temporary = await room.runs.create(null)
    const kept = await room.runs.create(null, { onCompletion: 'keep' })
    expect([temporary.temporary, kept.temporary]).toEqual([true, false])
    expect((await room.runs.thread(temporary.threadId))?.temporary).toBe(true)
    expect((await room.runs.thread(kept.threadId))?.temporary).toBe(false)
  })

  it('stores what PostgreSQL would refuse, made storable', async () => {
    const dirty = 'a\u0000b\ud800'
    const run = await room.runs.create(await room.runs.makeThread(), {
      input: { [dirty]: dirty },
      metadata: { [dirty]: dirty },
      config: { configurable: { [dirty]: dirty }, tags: [dirty] },
      context: { [dirty]: dirty },
      injected: { 'x-dirty': dirty },
    })
    expect(JSON.stringify(await room.runs.run(run))).toContain('a\uFFFDb\uFFFD')
  })
})
