import 'reflect-metadata'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SystemClock } from '#kernel'
import { MemoryRunStreams } from './memory-run-streams.js'
import { DEFAULT_LIMITS, type StreamLimits } from './run-logs.js'
import type { StreamFrame } from './run-streams.js'
import { StreamClosed, StreamLagged } from './streaming.errors.js'

const RETENTION_MS = 120_000
const signal = new AbortController().signal
const everything = { afterId: '-1', modes: null, signal }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})

afterEach(() => {
  vi.useRealTimers()
})

function memory(limits: Partial<StreamLimits> = {}): MemoryRunStreams {
  return new MemoryRunStreams(new SystemClock(), { retentionMs: RETENTION_MS, ...DEFAULT_LIMITS, ...limits })
}

function opened(limits: Partial<StreamLimits> = {}): MemoryRunStreams {
  const streams = memory(limits)
  streams.open('run', { replayable: true })
  return streams
}

function append(streams: MemoryRunStreams, count: number, runId = 'run'): void {
  for (let n = 0; n < count; n++) streams.append(runId, 'values', String(n))
}

async function ids(frames: AsyncIterable<StreamFrame>): Promise<string[]> {
  const seen: string[] = []
  for await (const frame of frames) seen.push(frame.id)
  return seen
}

it('replays from the beginning and follows until the end, with ids from 0', async () => {
  const streams = opened()
  append(streams, 2)
  const reading = ids(streams.follow('run', everything))
  append(streams, 2)
  streams.end('run')
  expect(await reading).toEqual(['0', '1', '2', '3'])
})

it('gives the live tail from the call on when no id is asked for', async () => {
  const streams = opened()
  append(streams, 2)
  const frames = streams.follow('run', { ...everything, afterId: null })
  append(streams, 2)
  streams.end('run')
  expect(await ids(frames)).toEqual(['2', '3'])
})

it('gives what comes after an id, and the tail for an id that was not given yet', async () => {
  const streams = opened()
  append(streams, 4)
  const after = ids(streams.follow('run', { ...everything, afterId: '1' }))
  const ahead = ids(streams.follow('run', { ...everything, afterId: '99' }))
  append(streams, 1)
  streams.end('run')
  expect(await after).toEqual(['2', '3', '4'])
  expect(await ahead).toEqual(['4'])
})

it('gives every reader every event, however they come in', async () => {
  const streams = opened()
  const readings = []
  for (let round = 0; round < 20; round++) {
    readings.push(ids(streams.follow('run', everything)))
    append(streams, 3)
    await Promise.resolve()
  }
  streams.end('run')
  const expected = Array.from({ length: 60 }, (_, id) => String(id))
  for (const reading of readings) expect(await reading).toEqual(expected)
})

it('filters by mode', async () => {
  const streams = opened()
  for (const event of ['metadata', 'values', 'updates']) streams.append('run', event, '1')
  streams.end('run')
  expect(await ids(streams.follow('run', { ...everything, modes: ['updates'] }))).toEqual(['0', '2'])
})

it('ends quietly when the signal aborts', async () => {
  const streams = opened()
  const leaving = new AbortController()
  const reading = ids(streams.follow('run', { ...everything, signal: leaving.signal }))
  leaving.abort()
  expect(await reading).toEqual([])
})

it('gives nothing for a run without a log, and refuses an id that is none', async () => {
  const streams = memory()
  expect(await ids(streams.follow('unknown', everything))).toEqual([])
  expect(() => streams.follow('unknown', { ...everything, afterId: '12-0' })).toThrow('Last-Event-ID')
})

it('begins the ids of each attempt above all that an earlier one may have given elsewhere', async () => {
  const streams = opened()
  const early = ids(streams.follow('run', { ...everything, afterId: '57' }))
  await Promise.resolve()
  streams.open('run', { replayable: true, attempt: 2 })
  append(streams, 2)
  streams.open('run', { replayable: true, attempt: 3 })
  append(streams, 1)
  streams.end('run')
  const expected = ['1000000000', '1000000001', '2000000000']
  expect(await early).toEqual(expected)
  expect(await ids(streams.follow('run', { ...everything, afterId: '57' }))).toEqual(expected)
})

it('keeps events for the retention time after the end, then drops them', async () => {
  const streams = opened()
  append(streams, 2)
  streams.end('run')
  vi.advanceTimersByTime(RETENTION_MS - 1)
  expect(await ids(streams.follow('run', everything))).toEqual(['0', '1'])
  vi.advanceTimersByTime(1)
  expect(streams.has('run')).toBe(false)
})

it('ignores what comes after the end and refuses what was never opened', async () => {
  const streams = opened()
  streams.end('run')
  append(streams, 1)
  expect(await ids(streams.follow('run', everything))).toEqual([])
  expect(() => streams.append('unknown', 'values', '1')).toThrow('never opened')
})

it('drops the oldest events of a run beyond its limit, and refuses to skip over them', async () => {
  const streams = opened({ framesPerRun: 3 })
  append(streams, 5_000)
  streams.end('run')
  expect(await ids(streams.follow('run', everything))).toEqual(['4997', '4998', '4999'])
  expect(await ids(streams.follow('run', { ...everything, afterId: '4996' }))).toHaveLength(3)
  expect(() => streams.follow('run', { ...everything, afterId: '4995' })).toThrow('no longer kept')
})

it('ends a reader that fell behind what is kept', async () => {
  const streams = opened({ bytesPerRun: 100 })
  const frames = streams.follow('run', everything)[Symbol.asyncIterator]()
  append(streams, 1)
  await frames.next()
  append(streams, 50)
  await expect(frames.next()).rejects.toBeInstanceOf(StreamLagged)
})

it('forgets finished runs first when all take too much, the resumable ones last', () => {
  const streams = memory({ bytesInAll: 50_000 })
  for (const [runId, replayable] of [
    ['kept', true],
    ['dropped', false],
    ['live', false],
  ] as const) {
    streams.open(runId, { replayable })
    streams.append(runId, 'values', 'x'.repeat(8_000))
  }
  streams.end('kept')
  streams.end('dropped')
  streams.append('live', 'values', 'x'.repeat(8_000))
  expect(['kept', 'dropped', 'live'].filter((runId) => streams.has(runId))).toEqual(['kept', 'live'])
})

it('cuts the run that grows to its share when only live runs are left', async () => {
  const streams = memory({ bytesInAll: 50_000 })
  for (const runId of ['small', 'big']) streams.open(runId, { replayable: true })
  append(streams, 2, 'small')
  for (let n = 0; n < 10; n++) streams.append('big', 'values', 'x'.repeat(3_000))
  for (const runId of ['small', 'big']) streams.end(runId)
  expect(await ids(streams.follow('small', everything))).toHaveLength(2)
  expect((await ids(streams.follow('big', everything))).length).toBeLessThan(8)
})

it('ends readers with StreamClosed, now and later', async () => {
  const streams = opened()
  const reading = ids(streams.follow('run', everything))
  streams.closeAll()
  await expect(reading).rejects.toBeInstanceOf(StreamClosed)
  streams.open('late', { replayable: false })
  await expect(ids(streams.follow('late', everything))).rejects.toBeInstanceOf(StreamClosed)
  expect(vi.getTimerCount()).toBe(0)
})

it('goes on with a later attempt of a run whose log was closed, and keeps it', async () => {
  const streams = opened()
  append(streams, 2)
  streams.end('run')
  streams.open('run', { replayable: true, attempt: 1 })
  append(streams, 1)
  expect(await ids(streams.follow('run', everything))).toEqual(['0', '1'])
  streams.open('run', { replayable: true, attempt: 2 })
  append(streams, 1)
  vi.advanceTimersByTime(RETENTION_MS + 1)
  expect(streams.lastId('run')).toBe('1000000000')
  const reading = ids(streams.follow('run', everything))
  streams.end('run')
  expect(await reading).toEqual(['0', '1', '1000000000'])
})

it('takes nothing more from an attempt once a later one has begun', async () => {
  const streams = opened()
  streams.append('run', 'values', '0', 1)
  streams.open('run', { replayable: true, attempt: 2 })
  streams.append('run', 'values', '1', 1)
  streams.append('run', 'values', '2', 2)
  streams.end('run', '{"error":"Error"}')
  expect(await ids(streams.follow('run', everything))).toEqual(['0', '1000000000', '1000000001'])
})

it('an attempt that is put away does not end a later one in its process', async () => {
  const streams = opened()
  const reading = ids(streams.follow('run', everything))
  append(streams, 1)
  streams.open('run', { replayable: true, attempt: 2 })
  streams.leave('run', 1)
  append(streams, 1)
  streams.leave('run', 2)
  expect(await reading).toEqual(['0', '1000000000'])
})
