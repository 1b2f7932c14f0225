import 'reflect-metadata'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Authorization, type Visibility } from '#auth'
import { newId, systemAssistantId } from '#kernel'
import { ThreadsRepository } from '#threads'
import { RunsRoom } from './runs-room.spec.support.js'

const room = RunsRoom.use()
afterEach(() => void vi.restoreAllMocks())

/** What the handlers of a caller answer who sees what is theirs. */
const ownedBy = (owner: string): Visibility => ({ op: 'eq', key: 'owner', value: owner })

const CREATE = { assistant_id: 'graph', input: {} }

async function asked(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object): Promise<number> {
  return (await room.runs.app.inject({ method, url, ...(payload ? { payload } : {}) })).statusCode
}

describe('a handler', () => {
  it('is told of whose runs it is asked', async () => {
    const ask = vi.spyOn(Authorization.prototype, 'ask')
    const threadId = await room.runs.makeThread()
    const { runId } = await room.runs.create(threadId, { afterSeconds: 3_600 })
    const runs = `/threads/${threadId}/runs`
    ask.mockClear()
    await asked('POST', runs, CREATE)
    await asked('GET', `${runs}/${runId}`)
    await asked('POST', `${runs}/${runId}/cancel`, {})
    await asked('POST', '/runs/cancel', { thread_id: threadId, run_ids: [runId] })
    await asked('POST', '/runs/cancel', { status: 'all' })
    await asked('DELETE', `${runs}/${runId}`)
    const assistantId = systemAssistantId('graph')
    expect(ask.mock.calls).toEqual([
      ['threads:create_run', expect.objectContaining({ thread_id: threadId, assistant_id: assistantId })],
      ['threads:read', { thread_id: threadId }],
      ['threads:update', { thread_id: threadId, action: 'interrupt', metadata: {} }],
      ['threads:update', { thread_id: threadId, action: 'interrupt', metadata: {} }],
      ['threads:update', { action: 'interrupt', metadata: {} }],
      ['threads:delete', { thread_id: threadId, run_id: runId }],
    ])
  })

  it('is asked for the right to cancel by who would cancel a run by leaving it, as long as there is one', async () => {
    const ask = vi.spyOn(Authorization.prototype, 'ask')
    const threadId = await room.runs.makeThread()
    const run = await room.runs.create(threadId)
    const eventsOfLeaving = async () => {
      ask.mockClear().mockImplementation((event) => {
        return Promise.resolve(event === 'threads:update' ? ownedBy('somebody else') : null)
      })
      const status = await asked('GET', `/threads/${threadId}/runs/${run.runId}/stream?cancel_on_disconnect=1`)
      return [status, ...ask.mock.calls.map(([event]) => event)]
    }
    expect(await eventsOfLeaving()).toEqual([404, 'threads:read', 'threads:update'])
    room.runs.worker.start()
    const execution = await room.runs.executor.next()
    expect((await room.runs.run(run))?.status).toBe('running')
    expect(await eventsOfLeaving()).toEqual([404, 'threads:read', 'threads:update'])
    execution.end()
    await room.runs.end(run)
    expect(await eventsOfLeaving()).toEqual([200, 'threads:read'])
  })
})

describe('while a handler is asked', () => {
  it.each([
    ['ann', 200],
    ['bob', 404],
  ])('a stateless run ends, and is shown to whose it was: to %s with %i', async (reader, status) => {
    const run = await room.runs.create(null, { metadata: { owner: 'ann' } })
    room.runs.worker.start()
    const execution = await room.runs.executor.next()
    vi.spyOn(Authorization.prototype, 'ask').mockImplementation(async () => {
      execution.end()
      await room.runs.end(run)
      return ownedBy(reader)
    })
    expect(await asked('GET', `/runs/${run.runId}/stream`)).toBe(status)
  })
})

it('makes no run on a thread that another has made at the same moment', async () => {
  const threadId = newId()
  vi.spyOn(Authorization.prototype, 'ask').mockResolvedValue(ownedBy('ann'))
  const insert = vi.spyOn(ThreadsRepository.prototype, 'insertIfAbsent')
  insert.mockImplementationOnce(async (q, thread) => {
    await room.runs.app.get(ThreadsRepository, { strict: false }).insertIfAbsent(q, {
      ...thread,
      metadata: { owner: 'bob' },
    })
    return null
  })
  expect(await asked('POST', `/threads/${threadId}/runs`, { ...CREATE, if_not_exists: 'create' })).toBe(404)
  expect(insert).toHaveBeenCalledTimes(2)
})
