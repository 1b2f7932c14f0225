import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonLogger, newId } from '#kernel'
import { FakeClock, TEST_REDIS } from '#testing'
import { DEFAULT_THREAD_LIMITS } from '../logged-thread-streams.js'
import { DEFAULT_LIMITS } from '../run-logs.js'
import { THREAD_STREAM_MODES } from '../thread-streams.js'
import { FaultyLink } from './faulty-link.spec.support.js'
import { threadPlace } from './places.js'
import { RedisRunStreams } from './redis-run-streams.js'
import { RedisThreadStreams } from './redis-thread-streams.js'

const logger = JsonLogger.create('silent')
const retentionMs = 120_000

/** One process of two: its own link and its own logs. */
class Process {
  private constructor(
    readonly link: FaultyLink,
    readonly runs: RedisRunStreams,
    readonly threads: RedisThreadStreams,
    readonly clock: FakeClock,
  ) {}

  static async start(prefix: string): Promise<Process> {
    const link = new FaultyLink()
    const clock = new FakeClock()
    const runs = new RedisRunStreams({ link, clock, logger, limits: { retentionMs, ...DEFAULT_LIMITS } })
    const ground = { clock, runs, limits: { retentionMs, ...DEFAULT_THREAD_LIMITS } }
    const threads = new RedisThreadStreams(ground, link, logger)
    await link.open(prefix)
    return new Process(link, runs, threads, clock)
  }

  execute(threadId: string, runId: string): void {
    this.runs.open(runId, { replayable: true })
    this.runs.append(runId, 'metadata', `"${runId}"`)
    this.threads.runStarted(threadId, runId)
    this.runs.append(runId, 'values', '1')
    this.runs.end(runId)
    this.threads.runEnded(threadId, runId)
  }

  close(): void {
    this.runs.closeAll()
    this.threads.onModuleDestroy()
    this.link.close()
  }
}

describe.skipIf(TEST_REDIS === null)('what happens on a thread, between two processes', () => {
  const modes = new Set(THREAD_STREAM_MODES)
  let thread: string
  let reader: AbortController
  let acting: Process
  let reading: Process

  beforeEach(async () => {
    const prefix = `signalbox-test:${newId()}:`
    thread = newId()
    reader = new AbortController()
    acting = await Process.start(prefix)
    reading = await Process.start(prefix)
  })
  afterEach(() => {
    reader.abort()
    acting.close()
    reading.close()
  })

  /** Reads in the other process, from a position or the live tail, until the thread is gone or there are so many events. */
  async function read(afterId: string | null, most = Infinity): Promise<Promise<{ id: string; text: string }[]>[]> {
    await reading.threads.attach(thread, reader.signal)
    const position = afterId ?? reading.threads.lastId(thread)
    const frames = reading.threads.follow(thread, { afterId: position, modes, signal: reader.signal })
    // In a list, so that only the caller waits for the end.
    return [collect(frames, most)]
  }

  async function collect(frames: AsyncIterable<{ id: string; event: string; json: string }>, most: number) {
    const seen: { id: string; text: string }[] = []
    for await (const { id, event, json } of frames) {
      seen.push({ id, text: `${event} ${json}` })
      if (seen.length === most) break
    }
    return seen
  }

  function partsOf(run: string): string[] {
    return [`metadata "${run}"`, 'values 1', `metadata {"status":"run_done","run_id":"${run}"}`]
  }

  it('is read from run to run until the thread is gone, and by who comes later under the same ids', async () => {
    const [early] = await read(null)
    acting.execute(thread, 'a')
    acting.threads.stateUpdated(thread, 'checkpoint')
    acting.execute(thread, 'b')
    const texts = [...partsOf('a'), 'state_update {"checkpoint_id":"checkpoint"}', ...partsOf('b')]
    const [late] = await read('-', texts.length)
    const seen = (await late) ?? []
    expect(seen.map(({ text }) => text)).toEqual(texts)
    const [rest] = await read(seen[3]?.id ?? '', texts.length - 4)
    expect(await rest).toEqual(seen.slice(4))
    acting.threads.end(thread)
    expect(await early).toEqual(seen)
  })

  it('goes on after the event that a client names, also where Redis was away as it asked', async () => {
    const [early] = await read('-', 6)
    for (const run of ['a', 'b']) acting.execute(thread, run)
    const seen = (await early) ?? []
    reader.abort()
    reader = new AbortController()
    reading.link.fault = 'refused'
    const [late] = await read(seen[3]?.id ?? '', 2)
    await reading.link.reconnect(acting.link)
    expect(await late).toEqual(seen.slice(4))
  })

  it('is told to nobody who reads another thread that was given the same id later', async () => {
    const [former] = await read('-')
    acting.execute(thread, 'a')
    acting.threads.end(thread)
    acting.execute(thread, 'b')
    expect((await former)?.map(({ text }) => text)).toEqual(partsOf('a'))
    const [beside] = await read('-', 3)
    expect((await beside)?.map(({ text }) => text)).toEqual(partsOf('b'))
    reader.abort()
    reader = new AbortController()
    const [afresh] = await read('-', 3)
    expect((await afresh)?.map(({ text }) => text)).toEqual(partsOf('b'))
  })

  it('is told to none of them either where Redis was away as they asked: they ask again', async () => {
    acting.execute(thread, 'a')
    acting.threads.end(thread)
    acting.execute(thread, 'b')
    const { key } = threadPlace(acting.link.prefix, thread)
    await expect.poll(() => acting.link.send('XLEN', key)).toBe(5)
    reading.link.fault = 'refused'
    const [late] = await read('-')
    await reading.link.reconnect(acting.link)
    expect(await late).toEqual([])
    const [again] = await read('-', 3)
    expect((await again)?.map(({ text }) => text)).toEqual(partsOf('b'))
  })

  it('is told in order though one fact among several is refused at first', async () => {
    const [early] = await read('-')
    acting.link.fault = 'away'
    for (const checkpoint of ['1', '2', '3']) acting.threads.stateUpdated(thread, checkpoint)
    acting.link.fault = null
    acting.link.refusals = 1
    acting.threads.stateUpdated(thread, '4')
    await expect.poll(() => acting.link.refusals).toBe(0)
    while (acting.clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
    await acting.clock.advance(500)
    acting.threads.end(thread)
    const states = ['1', '2', '3', '4'].map((checkpoint) => `state_update {"checkpoint_id":"${checkpoint}"}`)
    expect((await early)?.map(({ text }) => text)).toEqual(states)
  })

  it('is told in order once Redis takes it again', async () => {
    const [early] = await read('-')
    acting.link.fault = 'refused'
    for (const checkpoint of ['1', '2', '3']) acting.threads.stateUpdated(thread, checkpoint)
    await expect.poll(() => acting.link.failures).toBeGreaterThan(0)
    acting.link.fault = null
    await acting.clock.advance(500)
    await expect.poll(() => acting.link.send('XLEN', threadPlace(acting.link.prefix, thread).key)).toBe(3)
    acting.threads.end(thread)
    expect(((await early) ?? []).map(({ text }) => text)).toEqual(
      ['1', '2', '3'].map((checkpoint) => `state_update {"checkpoint_id":"${checkpoint}"}`),
    )
  })

  it('is told as soon as Redis is back', async () => {
    acting.link.fault = 'away'
    acting.threads.stateUpdated(thread, '1')
    await acting.link.reconnect(reading.link)
    await expect.poll(() => acting.link.send('XLEN', threadPlace(acting.link.prefix, thread).key)).toBe(1)
  })

  it('stays known of a run that is longer than facts live', async () => {
    acting.runs.open('long', { replayable: true })
    acting.threads.runStarted(thread, 'long')
    const { key } = threadPlace(acting.link.prefix, thread)
    await expect.poll(() => acting.link.send<number>('PTTL', key)).toBeGreaterThan(0)
    await acting.link.send('PEXPIRE', key, '5000')
    await acting.clock.advance(retentionMs)
    await expect.poll(() => acting.link.send<number>('PTTL', key)).toBeGreaterThan(5_000)
    expect(await acting.link.send('XLEN', key)).toBe(1)
  })

  it('is told once of a run that goes on in another attempt', async () => {
    const [early] = await read('-')
    acting.threads.runStarted(thread, 'a')
    reading.threads.runStarted(thread, 'a')
    acting.execute(thread, 'a')
    acting.threads.end(thread)
    const seen = (await early) ?? []
    expect(seen.map(({ text }) => text)).toEqual([
      'metadata "a"',
      'values 1',
      'metadata {"status":"run_done","run_id":"a"}',
    ])
  })
})
