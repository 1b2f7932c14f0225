import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Gate } from '../support/gate.js'
import { collect, type SseEvent, SseReader } from '../support/sse-reader.js'
import { STREAMS_PROJECT, TestServer } from '../support/test-server.js'

const server = TestServer.use({ config: STREAMS_PROJECT })
let gate: Gate

beforeEach(async () => {
  gate = await Gate.make()
})
afterEach(() => gate.close())

/** A run that stands at the gate. */
async function runAtGate(streamMode: ('values' | 'updates')[] = ['values']) {
  const { thread_id } = await server.client.threads.create()
  const { run_id } = await server.client.runs.create(thread_id, 'steps', { input: { gate: gate.url }, streamMode })
  await gate.reached()
  return { thread_id, run_id, path: `/threads/${thread_id}/runs/${run_id}/stream` }
}

const fromStart = { headers: { 'last-event-id': '-1' } }

describe('joining the stream of a run', () => {
  it('with stream_mode gives those modes alone, in every spelling, and metadata always', async () => {
    const { path } = await runAtGate(['values', 'updates'])
    gate.open()
    for (const [query, names] of [
      ['', ['metadata', 'values', 'updates']],
      ['?stream_mode=', ['metadata', 'values', 'updates']],
      ['?stream_mode=updates', ['metadata', 'updates']],
      ['?stream_mode=["values"]', ['metadata', 'values']],
      ['?stream_mode=values&stream_mode=updates', ['metadata', 'values', 'updates']],
      ['?stream_mode=messages-tuple', ['metadata']],
    ] as const) {
      const events = await (await SseReader.open(`${server.url}${path}${query}`, fromStart)).all()
      expect(new Set(events.map(({ event }) => event))).toEqual(new Set(names))
    }
  })

  it('while it runs and after its end gives the same ids, names and data', async () => {
    const { thread_id, run_id, path } = await runAtGate()
    const during = (await SseReader.open(`${server.url}${path}`, fromStart)).all()
    gate.open()
    await server.client.runs.join(thread_id, run_id)
    expect(await during).toEqual(await (await SseReader.open(`${server.url}${path}`, fromStart)).all())
    expect((await during).map(({ id }) => id)).toEqual(['0', '1', '2', '3'])
    const tail = await SseReader.open(`${server.url}${path}`)
    expect(await tail.all()).toEqual([])
  })

  it('has the headers of contract 6.1, and a Location that goes on where it began', async () => {
    const { thread_id, run_id, path } = await runAtGate()
    const joined = await SseReader.open(`${server.url}${path}?stream_mode=values`)
    expect(Object.fromEntries(joined.response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'content-location': `/threads/${thread_id}/runs/${run_id}`,
      location: `${path}?last_event_id=2&stream_mode=values`,
    })
    joined.leave()
    gate.open()
    await server.client.runs.join(thread_id, run_id)
    const again = await SseReader.open(`${server.url}${joined.response.headers.get('location')}`)
    expect((await again.all()).map(({ id }) => id)).toEqual(['3'])
  })

  it.each(['0', 'false', '', 'no'])('cancel_on_disconnect=%j leaves the run alone', async (flag) => {
    const { thread_id, run_id, path } = await runAtGate()
    const reader = await SseReader.open(`${server.url}${path}?cancel_on_disconnect=${flag}&stream_mode=`)
    reader.leave()
    // The server has seen the client leave long before it has answered all of these.
    for (let look = 0; look < 5; look += 1) {
      expect((await server.client.runs.get(thread_id, run_id)).status).toBe('running')
    }
    gate.open()
    await server.client.runs.join(thread_id, run_id)
    expect((await server.client.runs.get(thread_id, run_id)).status).toBe('success')
  })

  it.each(['1', 'true'])('cancel_on_disconnect=%j cancels it when this client leaves', async (flag) => {
    const { thread_id, run_id, path } = await runAtGate()
    const watcher = await SseReader.open(`${server.url}${path}`, fromStart)
    const leaving = await SseReader.open(`${server.url}${path}?cancel_on_disconnect=${flag}`)
    leaving.leave()
    expect((await watcher.all()).map(({ event }) => event)).toEqual(['metadata', 'values', 'values'])
    expect((await server.client.runs.get(thread_id, run_id)).status).toBe('interrupted')
  })

  it('on_disconnect: cancel counts for the client that created the run, not for one that joined', async () => {
    const { thread_id } = await server.client.threads.create()
    const body = { assistant_id: 'steps', input: { gate: gate.url }, on_disconnect: 'cancel', stream_mode: 'values' }
    const creating = await SseReader.open(`${server.url}/threads/${thread_id}/runs/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    await gate.reached()
    const runId = String(creating.response.headers.get('content-location')).split('/').at(-1)
    const path = `${server.url}/threads/${thread_id}/runs/${runId}/stream`
    const joined = await SseReader.open(path)
    const watcher = await SseReader.open(path, fromStart)
    joined.leave()
    expect((await server.client.runs.get(thread_id, String(runId))).status).toBe('running')
    creating.leave()
    await watcher.all()
    expect((await server.client.runs.get(thread_id, String(runId))).status).toBe('interrupted')
  })

  it('of an unknown run is 404, also of another thread', async () => {
    const { run_id } = await runAtGate()
    const { thread_id } = await server.client.threads.create()
    for (const path of [
      `/threads/${thread_id}/runs/${randomUUID()}`,
      `/threads/${thread_id}/runs/${run_id}`,
      `/runs/${randomUUID()}`,
    ]) {
      await expect(SseReader.open(`${server.url}${path}/stream`)).rejects.toThrow(
        'HTTP 404: {"detail":"Run not found"}',
      )
    }
  })

  it('without a thread: a stateless run, while it runs and after its end', async () => {
    let runId = ''
    const options = {
      input: { gate: gate.url },
      streamMode: 'values' as const,
      onRunCreated: ({ run_id }: { run_id: string }) => void (runId = run_id),
    }
    const creating = collect(server.client.runs.stream(null, 'steps', options))
    await gate.reached()
    const during = collect(server.client.runs.joinStream(null, runId, { lastEventId: '-1' }))
    gate.open()
    const parts = await creating
    expect(parts.map(({ id }) => id)).toEqual(['0', '1', '2', '3'])
    expect(await during).toEqual(parts)
    expect(await collect(server.client.runs.joinStream(null, runId, { lastEventId: '-1' }))).toEqual(parts)
  })
})

describe('what useStream asks for, in its order', () => {
  const resumable = { streamMode: ['values' as const], streamResumable: true, onDisconnect: 'continue' as const }

  it('submit, history, remount from the beginning', async () => {
    const { thread_id } = await server.client.threads.create({ metadata: { page: 'chat' } })
    expect(await server.client.threads.getHistory(thread_id, { limit: 10 })).toEqual([])
    let runId = ''
    const leaving = new AbortController()
    const stream = server.client.runs.stream(thread_id, 'steps', {
      ...resumable,
      input: { gate: gate.url },
      signal: leaving.signal,
      onRunCreated: ({ run_id }) => void (runId = run_id),
    })
    const seen = [(await stream.next()).value, (await stream.next()).value] as unknown as SseEvent[]
    await gate.reached()
    leaving.abort()
    const remounted = collect(server.client.runs.joinStream(thread_id, runId, { lastEventId: '-1' }))
    gate.open()
    const parts = await remounted
    expect(parts.slice(0, 2)).toEqual(seen)
    expect(parts.map(({ event }) => event)).toEqual(['metadata', 'values', 'values', 'values'])
    const [head] = await server.client.threads.getHistory(thread_id, { limit: 10 })
    expect(head?.values).toEqual(parts.at(-1)?.data)
  })

  it('stop: the run is cancelled, the stream ends without an error, the thread can go on', async () => {
    const { thread_id } = await server.client.threads.create()
    let runId = ''
    const leaving = new AbortController()
    const stream = server.client.runs.stream(thread_id, 'steps', {
      ...resumable,
      input: { gate: gate.url },
      signal: leaving.signal,
      onRunCreated: ({ run_id }) => void (runId = run_id),
    })
    await stream.next()
    await gate.reached()
    leaving.abort()
    await server.client.runs.cancel(thread_id, runId)
    const parts = await collect(server.client.runs.joinStream(thread_id, runId, { lastEventId: '-1' }))
    expect(parts.map(({ event }) => event)).toEqual(['metadata', 'values', 'values'])
    expect((await server.client.runs.get(thread_id, runId)).status).toBe('interrupted')
    gate.open()
    const next = await collect(server.client.runs.stream(thread_id, 'steps', { ...resumable, input: { gate: null } }))
    expect(next.at(-1)?.data).toMatchObject({ log: ['first', 'first', 'second'] })
  })
})
