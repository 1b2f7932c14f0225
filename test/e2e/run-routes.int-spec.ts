import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { Gate } from '../support/gate.js'
import { RUNS_PROJECT, TestServer } from '../support/test-server.js'

const NOBODY = '00000000-0000-4000-8000-000000000000'
const NO_ASSISTANT = `No assistant found for "${NOBODY}". Make sure the assistant ID is for a valid assistant or a valid graph ID.`

interface WireRun {
  run_id: string
  thread_id: string
  status: string
  kwargs: Record<string, unknown>
  metadata: Record<string, unknown>
}

describe('POST /runs/batch', () => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  const threadCount = async () => (await server.request('POST', '/threads/count', {})).body

  it('creates every run of the official client’s list, in its order, and sends each webhook', async () => {
    const names = Array.from({ length: 20 }, (_none, index) => `n${index}`)
    const webhook = server.receiver.url('/batch')
    const payloads = names.map((name) => ({ assistantId: 'echo', input: { log: [name] }, metadata: { name }, webhook }))
    const runs = await server.client.runs.createBatch(payloads)
    expect(runs.map((run) => run.metadata?.['name'])).toEqual(names)
    expect(new Set(runs.map((run) => run.thread_id)).size).toBe(names.length)
    await server.webhooks.all(runs.map((run) => run.run_id))
    const values = await Promise.all(runs.map(async (run) => (await server.webhooks.first(run.run_id)).values))
    expect(values.map((value) => value?.['log'])).toEqual(names.map((name) => [name, `${name}!`]))
  })

  it('is stateless: a thread named inside is ignored, and so is what the API does not know', async () => {
    const { thread_id } = await server.client.threads.create()
    const element = { assistant_id: 'echo', thread_id, streamMode: 'values', onRunCreated: null, assistantId: 'echo' }
    const { status, body } = await server.request('POST', '/runs/batch', [element])
    expect(status).toBe(200)
    expect((body as WireRun[])[0]?.thread_id).not.toBe(thread_id)
    expect(await server.client.runs.list(thread_id)).toEqual([])
  })

  const good = { assistant_id: 'echo', input: { log: [] }, on_completion: 'keep' }

  it.each([
    ['no list', {}, 422, 'body: must be a list of 1 to 1000 runs'],
    ['an empty list', [], 422, 'body: must be a list of 1 to 1000 runs'],
    ['more than a thousand', Array(1_001).fill(good), 422, 'body: must be a list of 1 to 1000 runs'],
    ['an element that is none', [good, 'echo'], 422, '[1]: must be an object'],
    ['null for an element', [good, null], 422, '[1]: must be an object'],
    ['a wrong field', [good, good, { ...good, after_seconds: -1 }], 422, '[2].after_seconds: must not be less than 0'],
    ['a wrong checkpoint', [good, { ...good, checkpoint_id: 'x' }], 422, '[1]: Invalid checkpoint ID: must be a UUID'],
    ['a wrong command', [good, { ...good, command: { goto: 3 } }], 422, '[1]: command.goto: must be a node'],
    ['a refused webhook', [good, { ...good, webhook: 'ftp://example.com' }], 422, '[1]: webhook'],
    ['an unknown assistant', [good, { ...good, assistant_id: NOBODY }], 404, NO_ASSISTANT],
    ['a resume', [good, { ...good, command: { resume: 1 } }], 400, 'You must provide a thread_id when resuming.'],
  ])('refuses %s and stores nothing', async (_what, body, status, detail) => {
    const before = await threadCount()
    const answer = await server.request('POST', '/runs/batch', body)
    expect(answer.status).toBe(status)
    expect((answer.body as { detail: string }).detail).toContain(detail)
    expect(await threadCount()).toBe(before)
  })

  it('takes a thousand at once', async () => {
    const delayed = { ...good, after_seconds: 3_600 }
    const { status, body } = await server.request('POST', '/runs/batch', Array(1_000).fill(delayed))
    expect(status).toBe(200)
    expect(new Set((body as WireRun[]).map((run) => run.run_id)).size).toBe(1_000)
    expect((await server.request('POST', '/runs/cancel', { status: 'pending' })).status).toBe(204)
    expect(await server.request('POST', '/threads/count', { status: 'busy' })).toMatchObject({ body: 0 })
  })
})

describe('POST /runs/cancel', () => {
  const server = TestServer.use({ config: RUNS_PROJECT })
  const cancel = (body: unknown, query = '') => server.request('POST', `/runs/cancel${query}`, body)

  const makeThread = async () => (await server.client.threads.create()).thread_id

  async function delayed(threadId: string, count: number): Promise<string[]> {
    const runs = []
    for (let made = 0; made < count; made += 1) {
      runs.push(await server.client.runs.create(threadId, 'echo', { input: {}, afterSeconds: 3_600 }))
    }
    return runs.map((run) => run.run_id)
  }

  const statuses = async (threadId: string) =>
    (await server.client.runs.list(threadId, { limit: 1_000 })).map((run) => run.status).reverse()

  it('cancels the named runs of a thread by the official client, and no other', async () => {
    const threadId = await makeThread()
    const ids = await delayed(threadId, 4)
    await server.client.runs.cancelMany({ threadId, runIds: [ids[0]!, ids[2]!, NOBODY] })
    expect(await statuses(threadId)).toEqual(['interrupted', 'pending', 'interrupted', 'pending'])
    expect(await server.client.threads.get(threadId)).toMatchObject({ status: 'busy' })
    await server.client.runs.cancelMany({ threadId, runIds: [ids[1]!, ids[3]!], action: 'rollback' })
    expect(await statuses(threadId)).toEqual(['interrupted', 'interrupted'])
    expect(await server.client.threads.get(threadId)).toMatchObject({ status: 'idle' })
  })

  it('cancels by status on all threads: pending ones, running ones, or all', async () => {
    const gate = await Gate.make()
    const threads = [await makeThread(), await makeThread()]
    for (const threadId of threads) {
      await server.client.runs.create(threadId, 'steps', { input: { gate: gate.url } })
      await delayed(threadId, 2)
    }
    await gate.reached(2)
    expect((await cancel({ status: 'pending' })).status).toBe(204)
    for (const id of threads) expect(await statuses(id)).toEqual(['running', 'interrupted', 'interrupted'])
    for (const id of threads) await delayed(id, 1)
    expect((await cancel({ status: 'running' })).status).toBe(204)
    for (const id of threads) await joinFirst(id)
    const kept = ['interrupted', 'interrupted', 'interrupted', 'pending']
    for (const id of threads) expect((await statuses(id)).sort()).toEqual(kept)
    expect((await cancel({ status: 'all' }, '?action=rollback')).status).toBe(204)
    for (const id of threads) expect(await statuses(id)).toEqual(['interrupted', 'interrupted', 'interrupted'])
    expect(await cancel({ status: 'all' })).toMatchObject({ status: 404, body: { detail: 'No runs found to cancel.' } })
    await gate.close()
  })

  async function joinFirst(threadId: string): Promise<void> {
    const runs = await server.client.runs.list(threadId, { limit: 1_000 })
    await server.client.runs.join(threadId, runs.at(-1)!.run_id)
  }

  it.each([
    ['an unknown thread', { thread_id: NOBODY, run_ids: [NOBODY] }],
    ['unknown runs', { thread_id: 'own', run_ids: [NOBODY] }],
    ['nothing pending', { status: 'pending' }],
    ['nothing running', { status: 'running' }],
    ['nothing at all', { status: 'all', thread_id: null, run_ids: null }],
  ])('finds nothing to cancel: %s', async (_what, body) => {
    const own = 'thread_id' in body && body.thread_id === 'own' ? { thread_id: await makeThread() } : {}
    expect(await cancel({ ...body, ...own })).toMatchObject({
      status: 404,
      body: { detail: 'No runs found to cancel.' },
    })
  })

  it('finds nothing to cancel in runs that have ended', async () => {
    const threadId = await makeThread()
    await server.client.runs.wait(threadId, 'echo', { input: {} })
    const run_ids = (await server.client.runs.list(threadId)).map((run) => run.run_id)
    expect((await cancel({ thread_id: threadId, run_ids })).status).toBe(404)
    expect(await statuses(threadId)).toEqual(['success'])
  })

  it.each([
    [{}, '', 'body: must hold thread_id and run_ids, or status'],
    [{ thread_id: NOBODY }, '', 'body: must hold thread_id and run_ids, or status'],
    [{ run_ids: [NOBODY] }, '', 'body: must hold thread_id and run_ids, or status'],
    [{ status: 'all', thread_id: NOBODY }, '', 'status: must not be combined with thread_id or run_ids'],
    [{ status: 'all', run_ids: [NOBODY] }, '', 'status: must not be combined with thread_id or run_ids'],
    [{ status: 'done' }, '', "Invalid status: must be 'pending', 'running', or 'all'"],
    [{ status: 3 }, '', "Invalid status: must be 'pending', 'running', or 'all'"],
    [{ thread_id: 'x', run_ids: [NOBODY] }, '', 'Invalid thread ID: must be a UUID'],
    [{ thread_id: NOBODY, run_ids: ['x'] }, '', 'Invalid run ID: must be a UUID'],
    [{ thread_id: NOBODY, run_ids: [] }, '', 'run_ids: '],
    [{ thread_id: NOBODY, run_ids: [3] }, '', 'run_ids: '],
    [{ thread_id: NOBODY, run_ids: 'x' }, '', 'run_ids: '],
    [{ status: 'all' }, '?action=stop', 'action: must be one of interrupt, rollback'],
  ])('refuses %j %s', async (body, query, detail) => {
    const answer = await cancel(body, query)
    expect(answer.status).toBe(422)
    expect((answer.body as { detail: string }).detail).toContain(detail)
  })
})

describe('DELETE /threads/{thread_id}/runs/{run_id}', () => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  async function doneTwice(): Promise<{ threadId: string; runIds: string[] }> {
    const { thread_id: threadId } = await server.client.threads.create()
    for (const name of ['a', 'b']) await server.client.runs.wait(threadId, 'echo', { input: { log: [name] } })
    const runs = await server.client.runs.list(threadId)
    return { threadId, runIds: runs.map((run) => run.run_id).reverse() }
  }

  const logOf = async (threadId: string) =>
    ((await server.client.threads.get(threadId)).values as { log?: string[] } | null)?.log

  it('removes the run, its events and its checkpoints; the thread is what it was before', async () => {
    const { threadId, runIds } = await doneTwice()
    const path = `/threads/${threadId}/runs/${runIds[1]}`
    expect(await server.request('DELETE', path)).toMatchObject({ status: 204, body: undefined })
    for (const rest of ['', '/join', '/stream']) {
      expect(await server.request('GET', `${path}${rest}`)).toMatchObject({
        status: 404,
        body: { detail: 'Run not found' },
      })
    }
    expect(await server.request('DELETE', path)).toMatchObject({ status: 404, body: { detail: 'Run not found' } })
    expect(await logOf(threadId)).toEqual(['a', 'a!'])
    const history = await server.client.threads.getHistory(threadId)
    expect(history.every(({ metadata }) => metadata?.['run_id'] === runIds[0])).toBe(true)
    await server.client.runs.delete(threadId, runIds[0]!)
    expect(await logOf(threadId)).toBeUndefined()
    expect(await server.client.threads.getState(threadId)).toMatchObject({ checkpoint: null, values: {} })
  })

  it('leaves the thread alone when a later run has ended on it', async () => {
    const { threadId, runIds } = await doneTwice()
    await server.client.runs.delete(threadId, runIds[0]!)
    expect(await logOf(threadId)).toEqual(['a', 'a!', 'b', 'b!'])
    expect((await server.client.threads.getState(threadId)).values).toEqual({ log: ['a', 'a!', 'b', 'b!'] })
  })

  it('cancels one that runs, sends its webhook as interrupted, and goes on with the next', async () => {
    const gate = await Gate.make()
    const { thread_id } = await server.client.threads.create()
    const webhook = server.receiver.url('/deleted-run')
    const run = await server.client.runs.create(thread_id, 'steps', { input: { log: ['x'], gate: gate.url }, webhook })
    await gate.reached()
    const next = await server.client.runs.create(thread_id, 'echo', { input: { log: ['y'] } })
    await server.client.runs.delete(thread_id, run.run_id)
    await expect(server.client.runs.get(thread_id, run.run_id)).rejects.toThrow('Run not found')
    expect(await server.webhooks.first(run.run_id)).toMatchObject({ status: 'interrupted' })
    expect(await server.client.runs.join(thread_id, next.run_id)).toEqual({ log: ['y', 'y!'] })
    await gate.close()
  })

  it('cancels one that has not started; its webhook has no values', async () => {
    const { thread_id } = await server.client.threads.create()
    const options = { input: {}, afterSeconds: 3_600, webhook: server.receiver.url('/never') }
    const run = await server.client.runs.create(thread_id, 'echo', options)
    await server.client.runs.delete(thread_id, run.run_id)
    expect(await server.client.runs.list(thread_id)).toEqual([])
    expect(await server.client.threads.get(thread_id)).toMatchObject({ status: 'idle' })
    const body = await server.webhooks.first(run.run_id)
    expect(body).toMatchObject({ status: 'interrupted' })
    expect(body).not.toHaveProperty('values')
  })

  it('knows no run of another thread, and no malformed id', async () => {
    const { runIds } = await doneTwice()
    const { thread_id } = await server.client.threads.create()
    await expect(server.client.runs.delete(thread_id, runIds[0]!)).rejects.toThrow('Run not found')
    expect(await server.request('DELETE', `/threads/${thread_id}/runs/x`)).toMatchObject({
      status: 422,
      body: { detail: 'Invalid run ID: must be a UUID' },
    })
  })
})
