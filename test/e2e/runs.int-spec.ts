import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, Receiver, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
import { ServerProcess } from '../support/server-process.js'

interface LogValues {
  log: string[]
}

describe('runs by the official client', () => {
  let fresh: TestDatabaseSettings
  let server: ServerProcess
  let client: Client
  let receiver: Receiver

  beforeAll(async () => {
    fresh = await freshDatabase()
    server = await ServerProcess.start({ database: fresh.settings })
    client = new Client({ apiUrl: server.url })
    receiver = await Receiver.start()
  })
  afterAll(async () => {
    await server.stop()
    await receiver.close()
    await fresh.remove()
  })

  it('waits for a run on a thread and leaves the thread idle with its values', async () => {
    const thread = await client.threads.create()
    const values = (await client.runs.wait(thread.thread_id, 'steps', { input: {} })) as unknown as LogValues
    expect(values.log).toEqual(['first', 'second'])
    const after = await client.threads.get(thread.thread_id)
    expect(after).toMatchObject({ status: 'idle', values: { log: ['first', 'second'] } })
    const runs = await client.runs.list(thread.thread_id)
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ status: 'success', multitask_strategy: 'enqueue' })
  })

  it('streams exactly the events that were asked for, each with its id', async () => {
    const thread = await client.threads.create()
    const seen: [string | undefined, string][] = []
    for await (const part of client.runs.stream(thread.thread_id, 'steps', { input: {}, streamMode: 'updates' })) {
      seen.push([part.id, part.event])
    }
    expect(seen).toEqual([
      ['0', 'metadata'],
      ['1', 'updates'],
      ['2', 'updates'],
    ])
  })

  it('gives every reader of a run every event, also to one that comes later', async () => {
    const gate = await Gate.make()
    const thread = await client.threads.create()
    const options = { input: { gate: gate.url }, streamMode: 'values' as const, streamResumable: true }
    const first = client.runs.stream(thread.thread_id, 'steps', options)
    const parts = [(await first.next()).value]
    await gate.reached()
    const runId = runIdOf(parts[0])
    const joined = collect(client.runs.joinStream(thread.thread_id, runId, { lastEventId: '-1' }))
    gate.open()
    for await (const part of first) parts.push(part)
    expect(await joined).toEqual(parts)
    expect(parts.map((part) => part?.event)).toEqual(['metadata', 'values', 'values', 'values'])
    await gate.close()
  })

  it('reports a graph that throws in the stream, in wait, in the thread and in the webhook', async () => {
    const thread = await client.threads.create()
    const parts = await collect(
      client.runs.stream(thread.thread_id, 'failing', { input: {}, webhook: receiver.url('/failing') }),
    )
    expect(parts.at(-1)).toMatchObject({ event: 'error', data: { error: 'CustomError', message: 'Boo!' } })
    const body = await webhookOf(receiver, '/failing')
    expect(body).toMatchObject({ status: 'error', error: 'Boo!' })
    expect(await client.threads.get(thread.thread_id)).toMatchObject({ status: 'error' })
    await expect(client.runs.wait(thread.thread_id, 'failing', { input: {} })).rejects.toThrow('CustomError: Boo!')
  })

  it('ends a run at once whose input the graph takes in and cannot read again', async () => {
    const thread = await client.threads.create()
    const input = { messages: 5 }
    const run = client.runs.wait(thread.thread_id, 'agent', { input, webhook: receiver.url('/unreadable') })
    await expect(run).rejects.toThrow('Unable to coerce message')
    expect(await webhookOf(receiver, '/unreadable')).toMatchObject({
      status: 'error',
      error: expect.stringContaining('Unable to coerce message') as string,
    })
    expect(await client.threads.get(thread.thread_id)).toMatchObject({ status: 'error' })
    await expect(client.threads.getState(thread.thread_id)).rejects.toThrow('422')
    const next = { messages: [{ role: 'user', content: 'Hello!' }] }
    expect(await client.runs.wait(thread.thread_id, 'agent', { input: next })).toHaveProperty('messages')
    expect(await client.threads.get(thread.thread_id)).toMatchObject({ status: 'idle' })
  })

  it('ends a run that recurses too deeply with an error', async () => {
    const run = client.runs.wait(null, 'endless', { input: {}, config: { recursion_limit: 3 } })
    await expect(run).rejects.toThrow('GraphRecursionError')
  })

  it('stops at an interrupt as a success, sends what it asks, and goes on with the answer', async () => {
    const thread = await client.threads.create()
    const asked = await client.runs.wait(thread.thread_id, 'asking', { input: {}, webhook: receiver.url('/asking') })
    expect(asked).toMatchObject({ __interrupt__: [{ value: { question: 'ok?' } }] })
    expect(await client.threads.get(thread.thread_id)).toMatchObject({ status: 'interrupted' })
    const body = await webhookOf(receiver, '/asking')
    expect(body).toMatchObject({
      status: 'success',
      values: { log: [], __interrupt__: [{ value: { question: 'ok?' } }] },
    })
    const answered = await client.runs.wait(thread.thread_id, 'asking', { command: { resume: 'yes' } })
    expect(answered).toEqual({ log: ['answer: yes'] })
    expect(await client.threads.get(thread.thread_id)).toMatchObject({ status: 'idle' })
  })

  it('ends a run whose values PostgreSQL cannot store, and sends its webhook', async () => {
    const thread = await client.threads.create()
    const values = await client.runs.wait(thread.thread_id, 'dirty', { input: {}, webhook: receiver.url('/dirty') })
    expect(values).toEqual({ log: ['nul:\uFFFD', 'lone:\uFFFD'] })
    expect(await webhookOf(receiver, '/dirty')).toMatchObject({ status: 'success', values })
    expect(await client.threads.get(thread.thread_id)).toMatchObject({ status: 'idle', values })
  })

  it('runs what was enqueued in order, one at a time', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    const first = await client.runs.create(thread_id, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    const second = await client.runs.create(thread_id, 'echo', { input: {} })
    const third = await client.runs.create(thread_id, 'echo', { input: {} })
    expect((await client.runs.get(thread_id, second.run_id)).status).toBe('pending')
    expect((await client.threads.get(thread_id)).status).toBe('busy')
    gate.open()
    expect(await client.runs.join(thread_id, third.run_id)).toMatchObject({ log: ['first', 'second', 'echo', 'echo'] })
    const runs = await client.runs.list(thread_id)
    expect(runs.map((run) => run.run_id)).toEqual([third.run_id, second.run_id, first.run_id])
    expect(runs.map((run) => run.status)).toEqual(['success', 'success', 'success'])
    await gate.close()
  })

  it('rejects a second run on a busy thread and stores nothing of it', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    const first = await client.runs.create(thread_id, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    const second = client.runs.create(thread_id, 'echo', { input: {}, multitaskStrategy: 'reject' })
    await expect(second).rejects.toThrow('HTTP 409: {"detail":"Thread is already running a task.')
    gate.open()
    await client.runs.join(thread_id, first.run_id)
    expect(await client.runs.list(thread_id)).toHaveLength(1)
    await gate.close()
  })

  it('interrupts the running run for a new one', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    const first = await client.runs.create(thread_id, 'steps', {
      input: { gate: gate.url },
      webhook: receiver.url('/cut'),
    })
    await gate.reached()
    const options = { input: {}, multitaskStrategy: 'interrupt' as const }
    expect(await client.runs.wait(thread_id, 'echo', options)).toMatchObject({ log: ['first', 'echo'] })
    expect((await client.runs.get(thread_id, first.run_id)).status).toBe('interrupted')
    expect(await webhookOf(receiver, '/cut')).toMatchObject({ status: 'interrupted', values: { log: ['first'] } })
    await gate.close()
  })

  it('rolls back the running run for a new one: its row and its checkpoints are gone', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'echo', { input: {} })
    const gone = await client.runs.create(thread_id, 'steps', {
      input: { gate: gate.url },
      webhook: receiver.url('/gone'),
    })
    await gate.reached()
    const options = { input: {}, multitaskStrategy: 'rollback' as const }
    expect(await client.runs.wait(thread_id, 'echo', options)).toEqual({ log: ['echo', 'echo'] })
    await expect(client.runs.get(thread_id, gone.run_id)).rejects.toThrow('Run not found')
    const body = await webhookOf(receiver, '/gone')
    expect(body).toMatchObject({ status: 'rollback', run_id: gone.run_id })
    expect(body).not.toHaveProperty('values')
    await gate.close()
  })

  it('cancels a run and tells the waiting client what there is', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    const run = await client.runs.create(thread_id, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    const cancel = `${server.url}/threads/${thread_id}/runs/${run.run_id}/cancel?wait=1`
    const answer = await fetch(cancel, { method: 'POST' })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ log: ['first'] })
    expect((await client.runs.get(thread_id, run.run_id)).status).toBe('interrupted')
    await client.runs.cancel(thread_id, run.run_id)
    expect((await client.runs.get(thread_id, run.run_id)).status).toBe('interrupted')
    await gate.close()
  })

  it('cancels a delayed run before it starts; its webhook has no values', async () => {
    const { thread_id } = await client.threads.create()
    const options = { input: {}, afterSeconds: 3600, webhook: receiver.url('/delayed') }
    const run = await client.runs.create(thread_id, 'echo', options)
    expect((await client.threads.get(thread_id)).status).toBe('busy')
    await client.runs.cancel(thread_id, run.run_id)
    expect((await client.threads.get(thread_id)).status).toBe('idle')
    const body = await webhookOf(receiver, '/delayed')
    expect(body).toMatchObject({ status: 'interrupted', run_started_at: null })
    expect(body).not.toHaveProperty('values')
  })

  it('does not let a delayed run hold up one that is due', async () => {
    const { thread_id } = await client.threads.create()
    await client.runs.create(thread_id, 'echo', { input: {}, afterSeconds: 3600 })
    expect(await client.runs.wait(thread_id, 'echo', { input: {} })).toEqual({ log: ['echo'] })
    expect((await client.threads.get(thread_id)).status).toBe('busy')
  })

  it('runs without a thread, and leaves nothing behind', async () => {
    let threadId: string | undefined
    const values = await client.runs.wait(null, 'echo', { input: {}, webhook: receiver.url('/stateless') })
    expect(values).toEqual({ log: ['echo'] })
    const body = await webhookOf(receiver, '/stateless')
    expect(body).toMatchObject({ status: 'success', values: { log: ['echo'] } })
    threadId = body['thread_id'] as string
    await expect(client.threads.get(threadId)).rejects.toThrow('404')
  })

  it('deletes a thread with a run under way, which sends its webhook', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    await client.runs.create(thread_id, 'steps', { input: { gate: gate.url }, webhook: receiver.url('/deleted') })
    await gate.reached()
    await client.threads.delete(thread_id)
    expect(await webhookOf(receiver, '/deleted')).toMatchObject({ status: 'interrupted', thread_id })
    await expect(client.threads.get(thread_id)).rejects.toThrow(`Thread with ID ${thread_id} not found`)
    await gate.close()
  })

  it('leaves nothing of a run on a deleted thread to another thread that is given its id', async () => {
    const { thread_id: threadId } = await client.threads.create()
    await client.runs.create(threadId, 'endless', { input: {}, config: { recursion_limit: 100_000 } })
    const history = () => client.threads.getHistory(threadId, { limit: 2 })
    await expect.poll(history).toHaveLength(2)
    await client.threads.delete(threadId)
    await client.threads.create({ threadId, graphId: 'endless' })
    // By then its graph is put away.
    await expect.poll(() => server.output.some((line) => line.includes('gone with its thread'))).toBe(true)
    await expect.poll(history).toEqual([])
  })

  it('cancels a run whose client leaves, when told so', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    const leaving = new AbortController()
    const options = { input: { gate: gate.url }, onDisconnect: 'cancel' as const, signal: leaving.signal }
    const stream = client.runs.stream(thread_id, 'steps', { ...options, webhook: receiver.url('/left') })
    const first = await stream.next()
    await gate.reached()
    leaving.abort()
    await stream.next()
    expect(await webhookOf(receiver, '/left')).toMatchObject({ status: 'interrupted' })
    expect((await client.runs.get(thread_id, runIdOf(first.value))).status).toBe('interrupted')
    await gate.close()
  })

  it('makes a missing thread when asked to, and says so when not', async () => {
    const threadId = crypto.randomUUID()
    await expect(client.runs.create(threadId, 'echo', { input: {} })).rejects.toThrow(
      `HTTP 404: {"detail":"Thread with ID ${threadId} not found"}`,
    )
    const made = client.runs.wait(threadId, 'echo', { input: {}, ifNotExists: 'create' })
    expect(await made).toEqual({ log: ['echo'] })
  })
})

async function collect<Part>(stream: AsyncIterable<Part>): Promise<Part[]> {
  const parts: Part[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

function runIdOf(metadata: { data: unknown } | undefined): string {
  return (metadata?.data as { run_id: string } | undefined)?.run_id ?? ''
}

/** The body of the webhook that came to this path. */
async function webhookOf(receiver: Receiver, path: string): Promise<Record<string, unknown>> {
  for (let count = 1; ; count += 1) {
    const found = receiver.requests.find(({ url }) => url === path)
    if (found) return JSON.parse(found.body.toString('utf8')) as Record<string, unknown>
    await receiver.waitFor(Math.max(count, receiver.requests.length + 1))
  }
}
