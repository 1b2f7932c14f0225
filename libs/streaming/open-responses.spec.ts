import 'reflect-metadata'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Settings } from '#config'
import { JsonLogger, MetricSources, SystemClock } from '#kernel'
import { BEAT_MS, DRAIN_DEADLINE_MS, END_DEADLINE_MS } from './held-response.js'
import { MemoryRunStreams } from './memory-run-streams.js'
import { OpenResponses } from './open-responses.js'
import type { StreamFrame } from './run-streams.js'
import { StreamEnds } from './stream-ends.js'
import { StreamClosed, StreamLagged } from './streaming.errors.js'

const PLACES = { contentLocation: '/runs/r1', location: '/runs/r1/stream' }

let server: FastifyInstance
let responses: OpenResponses
let sources: MetricSources
let lines: string[]
let handle: (reply: FastifyReply) => Promise<void> | void

beforeEach(async () => {
  lines = []
  sources = new MetricSources()
  const logger = JsonLogger.create('info', { write: (line) => void lines.push(line) })
  const ends = new StreamEnds(sources, logger)
  ends.onModuleInit()
  responses = new OpenResponses(new SystemClock(), { http: { maxStreams: 3 } } as Settings, ends)
  server = fastify({ forceCloseConnections: true })
  server.post('/', async (_request, reply) => {
    reply.header('x-request-id', 'req-1').header('access-control-allow-origin', '*')
    await handle(reply)
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
})

afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

async function post(): Promise<IncomingMessage> {
  const { port } = server.server.address() as AddressInfo
  const outgoing = request({ port, host: '127.0.0.1', method: 'POST', agent: false })
  outgoing.on('error', () => outgoing.destroy())
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  answer.setEncoding('utf8')
  return answer
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}

/** How often responses have ended, by why. */
async function endsByReason(): Promise<Record<string, number>> {
  const [series] = sources.series
  const text = (await series?.metrics()) ?? ''
  const found = text.matchAll(/^signalbox_streams_ended_total\{reason="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries([...found].map(([, reason, count]) => [reason, Number(count)]))
}

async function nextChunk(answer: IncomingMessage): Promise<string> {
  const [chunk] = (await once(answer, 'data')) as [string]
  return chunk
}

async function* framesOf(...events: string[]): AsyncGenerator<StreamFrame> {
  for (const [index, event] of events.entries()) yield await Promise.resolve({ id: String(index), event, json: '{}' })
}

it('a stream sends its headers before any event, with those the reply already had', async () => {
  handle = (reply) => void responses.openEventStream(reply, PLACES)
  const answer = await post()
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    'content-location': '/runs/r1',
    location: '/runs/r1/stream',
    'x-request-id': 'req-1',
    'access-control-allow-origin': '*',
  })
  answer.destroy()
})

it('a stream leaves out Location for a run that cannot be replayed, pipes the events and ends cleanly', async () => {
  handle = (reply) => responses.openEventStream(reply, { contentLocation: '/runs/r1' }).pipe(framesOf('a', 'b'))
  const answer = await post()
  expect(answer.headers).not.toHaveProperty('location')
  expect(await textOf(answer)).toBe('id: 0\nevent: a\ndata: {}\n\nid: 1\nevent: b\ndata: {}\n\n')
  expect(responses.size).toBe(0)
})

it('a stream beats steadily with a comment and a single newline', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  handle = (reply) => void responses.openEventStream(reply, PLACES)
  const answer = await post()
  for (let beat = 0; beat < 3; beat++) {
    const chunk = nextChunk(answer)
    vi.advanceTimersByTime(BEAT_MS)
    expect(await chunk).toBe(': heartbeat\n')
  }
  answer.destroy()
})

it('a stream tells that the client has left', async () => {
  const left = new Promise<void>((resolve) => {
    handle = (reply) => responses.openEventStream(reply, PLACES).closed.addEventListener('abort', () => resolve())
  })
  const answer = await post()
  answer.destroy()
  await left
  expect(responses.size).toBe(0)
})

it('a stream waits for a client that reads slowly, and takes one that never reads for gone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const json = JSON.stringify('x'.repeat(2 ** 24))
  let written = 0
  const stuck = new Promise<AbortSignal>((resolve) => {
    handle = async (reply) => {
      const writer = responses.openEventStream(reply, PLACES)
      writer.closed.addEventListener('abort', () => resolve(writer.closed))
      for (; written < 100 && !writer.done.aborted; written++) await writer.write({ id: '0', event: 'a', json })
    }
  })
  const answer = await post()
  answer.pause()
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(2), { interval: 10 })
  vi.advanceTimersByTime(DRAIN_DEADLINE_MS)
  expect((await stuck).aborted).toBe(true)
  expect(written).toBeLessThan(10)
  expect(await endsByReason()).toEqual({ unread: 1 })
  expect(JSON.parse(lines.join(''))).toMatchObject({ level: 'info', run_id: 'r1', reason: 'unread' })
  answer.destroy()
})

it('a reader that takes nothing holds no more than one event, however many there are', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const limits = { retentionMs: 1_000, framesPerRun: 10_000, bytesPerRun: 2 ** 20, bytesInAll: 2 ** 21 }
  const streams = new MemoryRunStreams(new SystemClock(), limits)
  streams.open('r1', { replayable: true })
  let held: FastifyReply['raw'] | undefined
  handle = (reply) => {
    held = reply.raw
    const reading = { afterId: '-1', modes: null, signal: new AbortController().signal }
    void responses.openEventStream(reply, PLACES).pipe(streams.follow('r1', reading))
  }
  const answer = await post()
  answer.pause()
  const json = JSON.stringify('x'.repeat(2 ** 17))
  let most = 0
  for (let event = 0; event < 1_000; event += 1) {
    streams.append('r1', 'values', json)
    await nextTurn()
    most = Math.max(most, held?.writableLength ?? 0)
  }
  // 125 MiB have gone by: what waits for this reader is one event that its socket did not take.
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(2 * json.length)
  // It wakes up, and finds that what it has not read is gone: that is no clean end.
  const text = textOf(answer)
  await expect(text).rejects.toThrow('aborted')
  expect(await endsByReason()).toEqual({ lagged: 1 })
  expect(JSON.parse(lines.join(''))).toMatchObject({ level: 'info', run_id: 'r1', reason: 'lagged' })
})

it('a stream says in a comment why it is cut, where the client still reads', async () => {
  handle = (reply) => responses.openEventStream(reply, PLACES).pipe(lagging())
  const answer = await post()
  const seen: string[] = []
  answer.on('data', (chunk: string) => seen.push(chunk))
  await once(answer, 'error')
  expect(seen.join('')).toBe('id: 0\nevent: a\ndata: 1\n\n: The reader is too slow for the events that are kept\n')
})

async function* lagging(): AsyncGenerator<StreamFrame> {
  yield await Promise.resolve({ id: '0', event: 'a', json: '1' })
  throw new StreamLagged()
}

it('no more are admitted than may be open, until one of them is over', async () => {
  handle = (reply) => {
    responses.admit(reply)
    responses.openEventStream(reply, PLACES)
  }
  const open = [await post(), await post(), await post()]
  const refused = await post()
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5'])
  open[0]!.destroy()
  await vi.waitFor(async () => expect((await post()).statusCode).toBe(200), { interval: 10 })
})

it('a client that has left before it was admitted takes no place', async () => {
  let admitted = 0
  handle = async (reply) => {
    await once(reply.raw, 'close')
    responses.admit(reply)
    admitted += 1
  }
  for (const place of [1, 2, 3]) {
    const { port } = server.server.address() as AddressInfo
    const leaving = request({ port, host: '127.0.0.1', method: 'POST', agent: false }).on('error', () => undefined)
    const arrived = once(server.server, 'request')
    leaving.end()
    await arrived
    leaving.destroy()
    await vi.waitFor(() => expect(admitted).toBe(place), { interval: 10 })
  }
  handle = (reply) => {
    responses.admit(reply)
    responses.openEventStream(reply, PLACES)
  }
  expect((await post()).statusCode).toBe(200)
})

it('the rest of an answer that nobody reads is let go', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  let raw: FastifyReply['raw'] | undefined
  handle = (reply) => {
    raw = reply.raw
    responses.openJsonWait(reply, {}).finish(JSON.stringify('x'.repeat(2 ** 26)))
  }
  const answer = await post()
  answer.pause()
  vi.advanceTimersByTime(END_DEADLINE_MS - 1)
  expect(raw?.destroyed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(raw?.destroyed).toBe(true)
  answer.destroy()
})

it('a stream is cut, not ended, by a shutdown: the client sees a broken body and is not taken for gone', async () => {
  let closed: AbortSignal | undefined
  handle = (reply) => {
    closed = responses.openEventStream(reply, PLACES).closed
  }
  const answer = await post()
  responses.closeAll()
  await expect(textOf(answer)).rejects.toThrow('aborted')
  expect(closed?.aborted).toBe(false)
  await expect(post().then(textOf)).rejects.toThrow(/aborted|hang up/)
})

it('a stream is cut when its events end by a shutdown', async () => {
  handle = (reply) => responses.openEventStream(reply, PLACES).pipe(failing())
  await expect(post().then(textOf)).rejects.toThrow(/aborted|hang up/)
})

async function* failing(): AsyncGenerator<StreamFrame> {
  yield await Promise.resolve({ id: '0', event: 'a', json: '1' })
  throw new StreamClosed()
}

it('a wait sends headers at once, newlines while it waits, and the JSON at the end', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  let finish: (json: string) => void = () => undefined
  handle = (reply) => {
    const wait = responses.openJsonWait(reply, { contentLocation: '/runs/r1', location: '/threads/t/runs/r1/join' })
    finish = (json) => wait.finish(json)
  }
  const answer = await post()
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json', location: '/threads/t/runs/r1/join' })
  const beat = nextChunk(answer)
  vi.advanceTimersByTime(BEAT_MS)
  expect(await beat).toBe('\n')
  finish('{"a":1}')
  finish('{"a":2}')
  expect(JSON.parse(await textOf(answer))).toEqual({ a: 1 })
})

it('a wait answers in band when the server stops first', async () => {
  handle = (reply) => void responses.openJsonWait(reply, {})
  const answer = await post()
  responses.closeAll()
  expect(JSON.parse(await textOf(answer))).toEqual({
    __error__: { error: 'ServerShutdown', message: 'The server is shutting down' },
  })
})
