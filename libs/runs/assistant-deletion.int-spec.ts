import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import { EventBus, type RunFinished } from '#events'
import { Checkpoints } from '#graphs'
import { JsonLogger, newId } from '#kernel'
import { AssistantThreads, ThreadsRepository } from '#threads'
import { FakeClock, openTestDatabase, type TestDatabase } from '#testing'
import { AssistantThreadsRepository } from '../threads/assistant-threads.repository.js'
import { ThreadRemoval } from '../threads/thread-removal.js'
import { AssistantDeletion } from './assistant-deletion.js'
import { AssistantRunEnding } from './assistant-run-ending.js'
import { AssistantRunsRepository } from './assistant-runs.repository.js'
import { RunLifecycle } from './run-lifecycle.js'
import { RunQueueRepository } from './run-queue.repository.js'
import { RunsRepository } from './runs.repository.js'
import { runKwargs } from './runs.spec.support.js'
import { ThreadDeletion } from './thread-deletion.js'

let db: TestDatabase
let bus: EventBus
const clock = new FakeClock()
const finished: RunFinished[] = []
const cancelled: string[] = []

beforeAll(async () => {
  db = await openTestDatabase()
  bus = new EventBus(JsonLogger.create('silent'))
  const checkpoints = new Checkpoints({ pool: db.pool })
  await checkpoints.setup()
  const threads = new ThreadsRepository({ threadTtl: { default: null } } as Settings)
  const runs = new RunsRepository()
  const lifecycle = new RunLifecycle(runs, new RunQueueRepository(), threads, checkpoints, bus, clock)
  const assistantRuns = new AssistantRunsRepository()
  const removal = new ThreadRemoval(bus, checkpoints, threads)
  const assistantThreads = new AssistantThreads(new AssistantThreadsRepository(), threads, removal)
  const ending = new AssistantRunEnding(bus, threads, runs, assistantRuns, lifecycle)
  new AssistantDeletion(bus, assistantThreads, ending, assistantRuns).onModuleInit()
  new ThreadDeletion(bus, threads, runs, lifecycle).onModuleInit()
  bus.inTransaction('run.finished', 'spec', (_tx, event) => Promise.resolve(void finished.push(event)))
  bus.inTransaction('run.cancelRequested', 'spec', (_tx, { runId }) => Promise.resolve(void cancelled.push(runId)))
})

afterAll(() => db.close())

beforeEach(async () => {
  await db.database.query('TRUNCATE assistants, threads CASCADE')
  finished.length = 0
  cancelled.length = 0
})

async function insertAssistant(): Promise<string> {
  const id = newId()
  await db.database.query(
    `INSERT INTO assistants (assistant_id, graph_id, name, created_at, updated_at) VALUES ($1, 'a', 'a', now(), now())`,
    [id],
  )
  return id
}

/** Makes many threads, each with a run in this status, in two statements. */
async function insertThreads(assistantId: string, count: number, status: string): Promise<void> {
  await db.database.query(
    `INSERT INTO threads (thread_id, status, metadata, created_at, updated_at, state_updated_at)
     SELECT gen_random_uuid(), $3, jsonb_build_object('assistant_id', $1::text), now(), now(), now()
     FROM generate_series(1, $2::integer)`,
    [assistantId, count, status === 'success' ? 'idle' : 'busy'],
  )
  await insertRuns(assistantId, `SELECT thread_id FROM threads WHERE metadata ->> 'assistant_id' = $1::text`, status)
}

async function insertRuns(assistantId: string, threads: string, status: string): Promise<void> {
  await db.database.query(
    `INSERT INTO runs (run_id, thread_id, assistant_id, status, kwargs, multitask_strategy, created_at, updated_at)
     SELECT gen_random_uuid(), t.thread_id, $1::uuid, $2, $3::jsonb, 'enqueue', now(), now() FROM (${threads}) t`,
    [assistantId, status, JSON.stringify(runKwargs())],
  )
}

const remove = (assistantId: string, deleteThreads: boolean) =>
  db.unitOfWork.run((tx) =>
    bus.publish(tx, 'assistant.deleted', { assistantId, deletesThread: deleteThreads ? () => true : null }),
  )

async function count(table: string, status: string | null = null): Promise<number> {
  const { rows } = await db.database.query<{ count: string }>(
    `SELECT count(*) AS count FROM ${table} WHERE $1::text IS NULL OR status = $1`,
    [status],
  )
  return Number(rows[0]?.count)
}

describe('the deletion of an assistant', () => {
  it('ends active runs on more threads than one batch, and leaves the threads idle', async () => {
    const assistantId = await insertAssistant()
    await insertThreads(assistantId, 501, 'pending')
    await remove(assistantId, false)
    expect(finished).toHaveLength(501)
    expect(finished.every(({ status, startedAt }) => status === 'interrupted' && startedAt === null)).toBe(true)
    expect(cancelled).toHaveLength(501)
    expect([await count('runs'), await count('threads', 'idle')]).toEqual([0, 501])
  })

  it('deletes more ended runs than one batch, of this assistant alone', async () => {
    const [assistantId, other] = [await insertAssistant(), await insertAssistant()]
    await insertThreads(assistantId, 1, 'success')
    await insertRuns(assistantId, 'SELECT thread_id FROM threads, generate_series(1, 1100)', 'success')
    await insertRuns(other, 'SELECT thread_id FROM threads', 'success')
    await remove(assistantId, false)
    expect([await count('runs'), await count('threads')]).toEqual([1, 1])
    expect(finished).toEqual([])
  })

  it('deletes more threads than one batch, with what other assistants run on them', async () => {
    const [assistantId, other] = [await insertAssistant(), await insertAssistant()]
    await insertThreads(other, 1, 'success')
    await insertThreads(assistantId, 1001, 'success')
    await insertRuns(
      other,
      `SELECT thread_id FROM threads WHERE metadata ->> 'assistant_id' <> $1::text LIMIT 1`,
      'pending',
    )
    await remove(assistantId, true)
    expect(finished).toMatchObject([{ status: 'interrupted', run: { assistant_id: other } }])
    expect([await count('runs'), await count('threads')]).toEqual([1, 1])
  })

  it('keeps a thread busy with the run of another assistant, and an interrupted one interrupted', async () => {
    const [assistantId, other] = [await insertAssistant(), await insertAssistant()]
    await insertThreads(assistantId, 1, 'running')
    await db.database.query(`UPDATE threads SET settled_status = 'interrupted', "values" = '{"a": 1}'`)
    await db.database.query('UPDATE runs SET started_at = now()')
    await insertRuns(other, 'SELECT thread_id FROM threads', 'pending')
    await remove(assistantId, false)
    expect(finished).toMatchObject([{ run: { assistant_id: assistantId }, valuesJson: '{"a":1}' }])
    const { rows } = await db.database.query('SELECT status, settled_status FROM threads')
    expect(rows).toEqual([{ status: 'busy', settled_status: 'interrupted' }])
    await remove(other, false)
    expect(await count('threads', 'interrupted')).toBe(1)
  })

  it('deletes the temporary thread of a stateless run', async () => {
    const assistantId = await insertAssistant()
    await insertThreads(assistantId, 1, 'running')
    await db.database.query('UPDATE runs SET temporary = true')
    await remove(assistantId, false)
    expect(finished).toHaveLength(1)
    expect(await count('threads')).toBe(0)
  })
})
