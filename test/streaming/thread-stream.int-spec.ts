import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
import { ServerProcess } from '../support/server-process.js'
import { type SseEvent, SseReader } from '../support/sse-reader.js'

const config = resolve(import.meta.dirname, '../fixtures/streams/langgraph.json')

describe('the stream of a thread', () => {
  let fresh: TestDatabaseSettings
  let server: ServerProcess
  let client: Client
  const open: SseReader[] = []

  beforeAll(async () => {
    fresh = await freshDatabase()
    server = await ServerProcess.start({ database: fresh.settings, config })
    client = new Client({ apiUrl: server.url })
  })
  afterEach(() => {
    for (const reader of open.splice(0)) reader.leave()
  })
  afterAll(async () => {
    await server.stop()
    await fresh.remove()
  })

  async function follow(threadId: string, query = '', headers: Record<string, string> = {}): Promise<SseReader> {
    const reader = await SseReader.open(`${server.url}/threads/${threadId}/stream${query}`, { headers })
    open.push(reader)
    return reader
  }

  const runStep = (threadId: string, streamMode: 'values' | 'updates' = 'values') =>
    client.runs.create(threadId, 'steps', { input: { gate: null }, streamMode })

  it('gives the events of one run after the other, each with its start and its end', async () => {
    const { thread_id } = await client.threads.create()
    const reader = await follow(thread_id)
    const first = await runStep(thread_id)
    const second = await runStep(thread_id, 'updates')
    const events = await reader.until(isDoneOf(second.run_id))
    expect(events.map(({ event, data }) => [event, event === 'metadata' ? data : null])).toEqual([
      ['metadata', { run_id: first.run_id, attempt: 1 }],
      ['values', null],
      ['values', null],
      ['values', null],
      ['metadata', { status: 'run_done', run_id: first.run_id }],
      ['metadata', { run_id: second.run_id, attempt: 1 }],
      ['updates', null],
      ['updates', null],
      ['metadata', { status: 'run_done', run_id: second.run_id }],
    ])
    const ids = events.map(({ id }) => id.split('-').map(Number) as [number, number])
    const sorted = [...ids].sort(([mark, seq], [otherMark, otherSeq]) => mark - otherMark || seq - otherSeq)
    expect(ids).toEqual(sorted)
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  })

  it('lifecycle: starts and ends alone, in the JS and in the Python spelling', async () => {
    const { thread_id } = await client.threads.create()
    const options = { lastEventId: '-', streamMode: ['lifecycle' as const, 'state_update' as const] }
    const js = client.threads.joinStream(thread_id, options)
    const started = js.next()
    const python = await follow(thread_id, '?stream_modes=lifecycle&stream_modes=state_update')
    const { run_id } = await runStep(thread_id)
    const events = await python.until(isDoneOf(run_id))
    expect(events.map(({ data }) => data)).toEqual([
      { run_id, attempt: 1 },
      { status: 'run_done', run_id },
    ])
    expect([(await started).value, (await js.next()).value]).toEqual(events)
    await js.return(undefined)
  })

  it('state_update: the state after an update by a client, and nothing of runs', async () => {
    const { thread_id } = await client.threads.create({ graphId: 'steps' })
    const reader = await follow(thread_id, '?stream_mode=["state_update"]')
    await client.runs.wait(thread_id, 'steps', { input: { gate: null } })
    await client.threads.updateState(thread_id, { values: { log: ['by hand'] }, asNode: 'first' })
    const events = await reader.until(() => true)
    const state = await client.threads.getState(thread_id)
    expect(state).toMatchObject({ values: { log: ['first', 'second', 'by hand'] }, next: ['second'] })
    expect(events.map(({ event, data }) => ({ event, data }))).toEqual([
      { event: 'state_update', data: JSON.parse(JSON.stringify({ state, thread_id })) as unknown },
    ])
    const again = await follow(thread_id, '?stream_mode=state_update', { 'last-event-id': '-' })
    expect(await again.until(() => true)).toEqual(events)
  })

  it('state_update: supersteps that a thread is made with', async () => {
    const { thread_id } = await client.threads.create({
      graphId: 'steps',
      supersteps: [{ updates: [{ values: { log: ['made'] }, asNode: 'first' }] }],
    })
    const reader = await follow(thread_id, '?stream_mode=state_update', { 'last-event-id': '-' })
    const [event] = await reader.until(() => true)
    expect(event?.data).toMatchObject({ thread_id, state: { values: { log: ['made'] }, next: ['second'] } })
  })

  it('run_modes alone gives no state_update', async () => {
    const { thread_id } = await client.threads.create({ graphId: 'steps' })
    const reader = await follow(thread_id, '?stream_mode=run_modes')
    await client.threads.updateState(thread_id, { values: { log: ['by hand'] }, asNode: 'first' })
    const { run_id } = await runStep(thread_id)
    const names = new Set((await reader.until(isDoneOf(run_id))).map(({ event }) => event))
    expect(names).toEqual(new Set(['metadata', 'values']))
  })

  it('replays what is kept, from the beginning or after an id, and goes on live', async () => {
    const { thread_id } = await client.threads.create()
    const gate = await Gate.make()
    const first = await runStep(thread_id)
    await client.runs.join(thread_id, first.run_id)
    const second = await client.runs.create(thread_id, 'steps', { input: { gate: gate.url }, streamMode: 'values' })
    await gate.reached()
    const beginning = await follow(thread_id, '', { 'last-event-id': '-' })
    const tail = await follow(thread_id)
    gate.open()
    const all = await beginning.until(isDoneOf(second.run_id))
    expect(all[0]?.data).toEqual({ run_id: first.run_id, attempt: 1 })
    const live = await tail.until(isDoneOf(second.run_id))
    expect(live.map(({ event }) => event)).toEqual(['values', 'metadata'])
    expect(all.slice(-live.length)).toEqual(live)
    for (const [index, { id }] of all.slice(0, -1).entries()) {
      const rest = await follow(thread_id, '', { 'last-event-id': id })
      expect(await rest.until(isDoneOf(second.run_id))).toEqual(all.slice(index + 1))
    }
    await gate.close()
  })

  it('tells an error of a run, and that it is done', async () => {
    const { thread_id } = await client.threads.create()
    const reader = await follow(thread_id)
    const { run_id } = await client.runs.create(thread_id, 'failing', { input: {}, streamMode: 'custom' })
    const events = await reader.until(isDoneOf(run_id))
    expect(events.slice(-2).map(({ event, data }) => [event, data])).toEqual([
      ['error', { error: 'CustomError', message: 'Boo!' }],
      ['metadata', { status: 'run_done', run_id }],
    ])
  })

  it('ends when the thread is deleted, also with a run under way', async () => {
    const gate = await Gate.make()
    const { thread_id } = await client.threads.create()
    const reader = await follow(thread_id)
    const idle = await client.threads.create()
    const other = await follow(idle.thread_id)
    const { run_id } = await client.runs.create(thread_id, 'steps', { input: { gate: gate.url }, streamMode: 'values' })
    await gate.reached()
    await client.threads.delete(thread_id)
    await client.threads.delete(idle.thread_id)
    const events = await reader.all()
    expect(events.at(-1)?.data).toEqual({ status: 'run_done', run_id })
    expect(await other.all()).toEqual([])
    await gate.close()
  })

  it('refuses what it cannot give before anything is streamed', async () => {
    const missing = randomUUID()
    const { thread_id } = await client.threads.create()
    const answers = [
      [`/threads/${missing}/stream`, '', 404, `Thread with ID ${missing} not found`],
      ['/threads/nobody/stream', '', 422, 'Invalid thread ID: must be a UUID'],
      [`/threads/${thread_id}/stream?stream_mode=values`, '', 422, 'stream_mode: must be one of run_modes, '],
      [`/threads/${thread_id}/stream?stream_modes=values`, '', 422, 'stream_modes: must be one of run_modes, '],
      [`/threads/${thread_id}/stream`, '7', 422, 'Last-Event-ID: '],
    ] as const
    for (const [path, id, status, detail] of answers) {
      const answer = await fetch(`${server.url}${path}`, { headers: { 'last-event-id': id } })
      expect([answer.status, await answer.json()]).toEqual([
        status,
        { detail: expect.stringContaining(detail) as string },
      ])
    }
  })

  it('answers at once with the headers of a stream, and says where to go on', async () => {
    const { thread_id } = await client.threads.create()
    const { response } = await follow(thread_id, '?stream_mode=lifecycle&stream_mode=run_modes')
    const headers = Object.fromEntries(response.headers)
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    const location = headers['location'] ?? ''
    expect(location).toMatch(new RegExp(`^/threads/${thread_id}/stream\\?stream_mode=lifecycle%2Crun_modes&`))
    const { run_id } = await runStep(thread_id)
    await client.runs.join(thread_id, run_id)
    const again = await SseReader.open(`${server.url}${location}`)
    open.push(again)
    expect((await again.until(isDoneOf(run_id))).at(0)?.data).toEqual({ run_id, attempt: 1 })
  })

  it('is cut at shutdown, so that the client reconnects', async () => {
    const other = await freshDatabase()
    const stopping = await ServerProcess.start({ database: other.settings, config })
    const { thread_id } = await new Client({ apiUrl: stopping.url }).threads.create()
    const reader = await SseReader.open(`${stopping.url}/threads/${thread_id}/stream`)
    const reading = reader.all()
    const broken = expect(reading).rejects.toThrow('terminated')
    expect(await stopping.stop()).toBe(0)
    await broken
    await other.remove()
  })
})

function isDoneOf(runId: string): (event: SseEvent) => boolean {
  return ({ data }) => {
    const { status, run_id } = data as { status?: string; run_id?: string }
    return status === 'run_done' && run_id === runId
  }
}
