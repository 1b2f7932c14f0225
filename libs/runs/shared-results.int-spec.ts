import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doneState } from './fake-executor.spec.support.js'
import type { Run } from './run.js'
import { RunsUnderTest } from './runs-app.spec.support.js'
import { RunsRoom } from './runs-room.spec.support.js'
import { SharedResultsSweep } from './shared-results-sweep.js'

const RETENTION_MS = 120_000

describe('answers of runs that another process has executed', () => {
  const room = RunsRoom.use({ eventRetentionMs: RETENTION_MS }, true)
  /** A process that executes nothing. */
  let other: RunsUnderTest

  beforeEach(async () => {
    await room.db.database.query('TRUNCATE run_results')
    other = await RunsUnderTest.open(room.db, { isOneOfSeveral: true })
    room.runs.worker.start()
  })
  afterEach(() => other.close())

  const kept = async () =>
    (await room.db.database.query<{ id: string }>('SELECT run_id AS id FROM run_results ORDER BY run_id')).rows.map(
      ({ id }) => id,
    )

  async function ended(threadId: string | null, values: object): Promise<Run> {
    const run = await room.runs.create(threadId)
    const execution = await room.runs.executor.next()
    execution.end({ state: doneState(values) })
    await room.runs.end(run)
    return run
  }

  it('are those of the run itself, whatever its thread has come to since', async () => {
    const threadId = await room.runs.makeThread()
    const { runId } = await ended(threadId, { answer: 1 })
    await ended(threadId, { answer: 2 })
    const joined = await other.app.inject({ url: `/threads/${threadId}/runs/${runId}/join` })
    expect(joined.json()).toEqual({ answer: 1 })
  })

  it('are given for a stateless run, of which no row is left', async () => {
    const { threadId, runId } = await ended(null, { answer: 3 })
    const joined = await other.app.inject({ url: `/threads/${threadId}/runs/${runId}/join` })
    expect([joined.statusCode, joined.json()]).toEqual([200, { answer: 3 }])
  })

  it('reach who waits by the word of their end, with a clock that stands still, or by looking', async () => {
    const threadId = await room.runs.makeThread()
    for (const isHeard of [true, false]) {
      const run = await room.runs.create(threadId)
      const joining = other.app.inject({ url: `/threads/${threadId}/runs/${run.runId}/join` })
      const execution = await room.runs.executor.next()
      execution.end({ state: doneState({ isHeard }) })
      await room.runs.end(run)
      if (isHeard) {
        await other.timersAbove(0)
        other.bus.heard('run.finished', run.runId)
      }
      const answer = isHeard ? await joining : await other.advanceUntil(joining)
      expect(answer.json()).toEqual({ isHeard })
    }
  })

  it('are kept for a while and then removed, however many there are', async () => {
    const first = await ended(null, {})
    await room.db.database.query(
      `INSERT INTO run_results SELECT gen_random_uuid(), thread_id, temporary, thread_metadata, result, expires_at
       FROM run_results, generate_series(1, 2500)`,
    )
    await room.runs.clock.advance(RETENTION_MS / 2)
    const second = await ended(null, {})
    const sweep = room.runs.app.get(SharedResultsSweep)
    sweep.start()
    await room.runs.clock.advance(RETENTION_MS / 2)
    expect(await kept()).toContain(first.runId)
    const swept = expect.poll(kept).toEqual([second.runId])
    await room.runs.clock.advance(30_000)
    await swept
    await sweep.stop()
    expect(await kept()).toEqual([second.runId])
  })
})

describe('answers of runs in the only process', () => {
  const room = RunsRoom.use()

  it('are stored nowhere', async () => {
    room.runs.worker.start()
    const run = await room.runs.create(null)
    const execution = await room.runs.executor.next()
    execution.end()
    await room.runs.end(run)
    expect((await room.db.database.query('SELECT run_id FROM run_results')).rows).toEqual([])
  })
})
