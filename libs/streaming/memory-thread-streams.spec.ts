import 'reflect-metadata'
import { beforeEach, expect, it } from 'vitest'
import { FakeClock } from '#testing'
import { DEFAULT_THREAD_LIMITS, type ThreadStreamLimits } from './logged-thread-streams.js'
import { MemoryRunStreams } from './memory-run-streams.js'
import { MemoryThreadStreams } from './memory-thread-streams.js'
import { DEFAULT_LIMITS } from './run-logs.js'
import type { StreamFrame } from './run-streams.js'
import { StreamLagged } from './streaming.errors.js'
import type { ThreadStreamMode } from './thread-streams.js'

const RETENTION_MS = 120_000

let clock: FakeClock
let runs: MemoryRunStreams
let threads: MemoryThreadStreams
let reader: AbortController

beforeEach(() => {
  clock = new FakeClock()
  runs = new MemoryRunStreams(clock, { retentionMs: RETENTION_MS, ...DEFAULT_LIMITS })
  reader = new AbortController()
  threads = make()
})

function make(limits: Partial<ThreadStreamLimits> = {}): MemoryThreadStreams {
  return new MemoryThreadStreams({
    clock,
    runs,
    limits: { retentionMs: RETENTION_MS, ...DEFAULT_THREAD_LIMITS, ...limits },
  })
}

function start(runId: string): void {
  runs.open(runId, { replayable: false })
  runs.append(runId, 'metadata', '{}')
  threads.runStarted('thread', runId)
}

function finish(runId: string): void {
  runs.end(runId)
  threads.runEnded('thread', runId)
}

function follow(afterId: string, ...modes: ThreadStreamMode[]): AsyncIterable<StreamFrame> {
  const wanted = new Set<ThreadStreamMode>(modes.length > 0 ? modes : ['run_modes'])
  return threads.follow('thread', { afterId, modes: wanted, signal: reader.signal })
}

/** Reads to the end, which comes when the thread goes. */
async function allOf(frames: AsyncIterable<StreamFrame>): Promise<StreamFrame[]> {
  const seen: StreamFrame[] = []
  for await (const frame of frames) seen.push(frame)
  return seen
}

const eventsOf = async (frames: AsyncIterable<StreamFrame>) =>
  (await allOf(frames)).map(({ event, json }) => `${event} ${json}`)

it('gives what is kept, then what comes, from run to run', async () => {
  start('a')
  runs.append('a', 'values', '1')
  const frames = follow('-')
  finish('a')
  start('b')
  finish('b')
  threads.end('thread')
  expect(await eventsOf(frames)).toEqual([
    'metadata {}',
    'values 1',
    'metadata {"status":"run_done","run_id":"a"}',
    'metadata {}',
    'metadata {"status":"run_done","run_id":"b"}',
  ])
})

it('gives the live tail from the last id on, in the midst of a run and between two', async () => {
  const before = threads.lastId('thread')
  start('a')
  runs.append('a', 'values', '1')
  const amid = threads.lastId('thread')
  runs.append('a', 'values', '2')
  finish('a')
  const between = threads.lastId('thread')
  start('b')
  const readings = [before, amid, between].map((id) => follow(id))
  threads.end('thread')
  runs.end('b')
  expect((await Promise.all(readings.map(eventsOf))).map((events) => events.length)).toEqual([5, 3, 1])
})

it('has ids that rise, also from one process to the next, and goes on behind those of the former', async () => {
  start('a')
  finish('a')
  const former = follow('-')
  threads.end('thread')
  const ids = (await allOf(former)).map(({ id }) => id)
  expect(ids).toHaveLength(2)
  await clock.advance(10)
  runs = new MemoryRunStreams(clock, { retentionMs: RETENTION_MS, ...DEFAULT_LIMITS })
  threads = make()
  start('b')
  const next = follow(ids.at(-1) ?? '')
  threads.end('thread')
  runs.end('b')
  const [frame] = await allOf(next)
  expect(Number(frame?.id.split('-')[0])).toBeGreaterThan(Number(ids.at(-1)?.split('-')[0]))
})

it('opens no second part for a further attempt of the run under way', async () => {
  start('a')
  runs.open('a', { replayable: false, attempt: 2 })
  runs.append('a', 'metadata', '2')
  threads.runStarted('thread', 'a')
  finish('a')
  const frames = follow('-', 'lifecycle')
  threads.end('thread')
  expect(await eventsOf(frames)).toEqual(['metadata {}', 'metadata 2', 'metadata {"status":"run_done","run_id":"a"}'])
})

it('is not held up by a run whose end nobody told', async () => {
  start('a')
  const frames = follow('-')
  start('b')
  finish('b')
  threads.end('thread')
  const reading = eventsOf(frames)
  await clock.advance(5_000)
  expect(await reading).toHaveLength(3)
})

it('keeps what happened for the retention time after it was over', async () => {
  start('a')
  await clock.advance(2 * RETENTION_MS)
  finish('a')
  await clock.advance(RETENTION_MS - 1)
  threads.stateUpdated('thread', null)
  const whole = follow('-', 'run_modes', 'state_update')
  await clock.advance(3 * RETENTION_MS)
  threads.stateUpdated('thread', 'x')
  const left = follow('-', 'run_modes', 'state_update')
  threads.end('thread')
  await expect(allOf(whole)).rejects.toBeInstanceOf(StreamLagged)
  // A fact counts as over when the next one happens: the one before the last is always kept.
  expect(await eventsOf(left)).toEqual(['state_update {"checkpoint_id":null}', 'state_update {"checkpoint_id":"x"}'])
})

it('forgets threads that nobody reads and where nothing happens', async () => {
  start('a')
  finish('a')
  await clock.advance(3 * RETENTION_MS)
  expect(clock.waiting).toBe(0)
  const frames = follow('-')
  threads.end('thread')
  expect(await allOf(frames)).toEqual([])
})

it('keeps a bounded number of facts, and allows a bounded number of readers', async () => {
  threads = make({ factsPerThread: 3, readersPerThread: 1 })
  for (let n = 0; n < 10; n += 1) threads.stateUpdated('thread', String(n))
  const frames = follow('-', 'state_update')
  expect(() => follow('-')).toThrow('1 open streams')
  expect(threads.followed()).toEqual(['thread'])
  threads.end('thread')
  expect(await allOf(frames)).toHaveLength(3)
  reader.abort()
  expect(threads.followed()).toEqual([])
})

it.each(['7', '1-', '-2', 'x-1', ''])('refuses the id %j', (id) => {
  expect(() => follow(id)).toThrow('Last-Event-ID: ')
})
