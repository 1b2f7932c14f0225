import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openThreadsApp, type ThreadsApp } from './threads-app.spec.support.js'

let app: ThreadsApp
let refusing = false
const seen: { threadId: string; stillThere: boolean }[] = []

beforeAll(async () => {
  app = await openThreadsApp()
  app.bus.inTransaction('thread.deleted', 'spec', async (tx, { threadId }) => {
    const { rows } = await tx.query('SELECT 1 FROM threads WHERE thread_id = $1', [threadId])
    seen.push({ threadId, stillThere: rows.length === 1 })
    if (refusing) throw new Error('a subscriber failed')
  })
})

afterAll(() => app.close())

async function insertRun(threadId: string): Promise<void> {
  const assistantId = newId()
  await app.db.database.query(
    `INSERT INTO assistants (assistant_id, graph_id, name, created_at, updated_at) VALUES ($1, 'a', 'a', now(), now())`,
    [assistantId],
  )
  await app.db.database.query(
    `INSERT INTO runs (run_id, thread_id, assistant_id, status, kwargs, multitask_strategy, created_at, updated_at)
     VALUES ($1, $2, $3, 'success', '{}', 'enqueue', now(), now())`,
    [newId(), threadId, assistantId],
  )
}

async function insertCheckpoint(threadId: string): Promise<void> {
  const id = newId()
  const checkpoint = { v: 4, id, ts: '2026-01-01', channel_values: {}, channel_versions: {}, versions_seen: {} }
  const metadata = { source: 'input' as const, step: -1, parents: {} }
  await app.checkpoints.saver.put(
    { configurable: { thread_id: threadId, checkpoint_ns: '' } },
    checkpoint,
    metadata,
    {},
  )
}

async function hasCheckpoint(threadId: string): Promise<boolean> {
  return (await app.checkpoints.saver.getTuple({ configurable: { thread_id: threadId } })) !== undefined
}

describe('DELETE /threads/{thread_id}', () => {
  it('tells subscribers while the thread stands, then deletes it with its runs and checkpoints', async () => {
    const threadId = await app.insert({})
    const other = await app.insert({})
    await insertRun(threadId)
    await insertCheckpoint(threadId)
    await insertCheckpoint(other)
    const { status, body } = await app.request('DELETE', `/threads/${threadId}`)
    expect([status, body]).toEqual([204, ''])
    expect(seen).toEqual([{ threadId, stillThere: true }])
    expect((await app.request('GET', `/threads/${threadId}`)).status).toBe(404)
    expect((await app.db.database.query('SELECT 1 FROM runs')).rows).toEqual([])
    expect([await hasCheckpoint(threadId), await hasCheckpoint(other)]).toEqual([false, true])
  })

  it('deletes nothing when a subscriber fails', async () => {
    const threadId = await app.insert({})
    await insertCheckpoint(threadId)
    refusing = true
    const { status } = await app.request('DELETE', `/threads/${threadId}`)
    refusing = false
    expect(status).toBe(500)
    expect((await app.request('GET', `/threads/${threadId}`)).status).toBe(200)
    expect(await hasCheckpoint(threadId)).toBe(true)
  })

  it('answers 404 for an unknown thread and tells nobody', async () => {
    const id = newId()
    const told = seen.length
    const { status, body } = await app.request('DELETE', `/threads/${id}`)
    expect([status, body]).toEqual([404, { detail: `Thread with ID ${id} not found` }])
    expect(seen).toHaveLength(told)
  })
})
