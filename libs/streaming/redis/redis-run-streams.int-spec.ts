import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JsonLogger, newId } from '#kernel'
import { FakeClock, TEST_REDIS } from '#testing'
import { DEFAULT_LIMITS, type StreamLimits } from '../run-logs.js'
import type { StreamFrame } from '../run-streams.js'
import { type Fault, FaultyLink } from './faulty-link.spec.support.js'
import { runPlace } from './places.js'
import { RedisRunStreams } from './redis-run-streams.js'

const logger = JsonLogger.create('silent')
const RETENTION_MS = 120_000

/** One process of two: its own link and its own logs. */
class Process {
  readonly clock = new FakeClock()
  readonly streams: RedisRunStreams

  private constructor(
    readonly link: FaultyLink,
    limits: Partial<StreamLimits>,
  ) {
    const all = { retentionMs: RETENTION_MS, ...DEFAULT_LIMITS, ...limits }
    this.streams = new RedisRunStreams({ link, clock: this.clock, logger, limits: all })
  }

  static async start(prefix: string, limits: Partial<StreamLimits> = {}): Promise<Process> {
    const link = new FaultyLink()
    const process = new Process(link, limits)
    await link.open(prefix)
    return process
  }

  write(runId: string, count: number, attempt = 1): void {
    for (let n = 0; n < count; n += 1) this.streams.append(runId, 'values', String(n), attempt)
  }

  close(): void {
    this.streams.closeAll()
    this.link.close()
  }
}

describe.skipIf(TEST_REDIS === null)('events of runs between two processes', () => {
  const modes = null
  let reader: AbortController
  let prefix: string
  let runId: string
  let writing: Process
  let reading: Process

  beforeEach(async () => {
    prefix = `signalbox-test:${newId()}:`
    runId = newId()
    reader = new AbortController()
    writing = await Process.start(prefix)
    reading = await Process.start(prefix)
  })
  afterEach(() => {
    writing.close()
    reading.close()
  })

  /** Follows in the other process from a position, as a client there does. */
  async function follow(afterId: string | null, attempt: number | null = 1): Promise<AsyncIterable<StreamFrame>> {
    await reading.streams.attach(runId, { replayable: true, attempt }, reader.signal)
    return reading.streams.follow(runId, { afterId, modes, signal: reader.signal })
  }

  const entries = () => reading.link.send<number>('XLEN', runPlace(prefix, runId).key)

  async function ids(frames: AsyncIterable<StreamFrame>): Promise<string[]> {
    const seen: string[] = []
    for await (const frame of frames) seen.push(frame.id)
    return seen
  }

  /** What a reader gets of a run that has ended, where Redis tells of it later than is waited for. */
  async function readWhileSlow(): Promise<string[]> {
    const slow = reading.link.delayAnswer('XRANGE')
    const following = follow('-1', null)
    await slow.asked
    await reading.clock.advance(2_000)
    const late = ids(await following)
    slow.let()
    return late
  }

  it('are all read, in order, by whoever comes before, meanwhile and after the end', async () => {
    const early = ids(await follow('-1'))
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 2_500)
    await writing.streams.flushed(runId)
    const middle = ids(await follow('999'))
    const tail = ids(await follow(null))
    writing.write(runId, 2)
    writing.streams.end(runId)
    const all = Array.from({ length: 2_502 }, (_, id) => String(id))
    expect(await early).toEqual(all)
    expect(await middle).toEqual(all.slice(1_000))
    expect(await tail).toEqual(all.slice(2_500))
    expect(await ids(await follow('-1', null))).toEqual(all)
  })

  it('end with the error of a run that failed', async () => {
    const early = await follow('-1')
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    writing.streams.end(runId, '{"error":"Error"}')
    const seen: string[] = []
    for await (const { event, json } of early) seen.push(`${event} ${json}`)
    expect(seen).toEqual(['values 0', 'error {"error":"Error"}'])
  })

  it('of an attempt that another process has taken up reach nobody any more', async () => {
    const early = ids(await follow('-1'))
    writing.streams.open(runId, { replayable: true, attempt: 1 })
    writing.write(runId, 2)
    await writing.streams.flushed(runId)
    const second = await Process.start(prefix)
    const until = new AbortController()
    await second.streams.attach(runId, { replayable: true, attempt: 2 }, until.signal)
    second.streams.open(runId, { replayable: true, attempt: 2 })
    until.abort()
    second.write(runId, 1, 2)
    await second.streams.flushed(runId)
    writing.write(runId, 3, 1)
    await writing.streams.flushed(runId)
    writing.write(runId, 3, 1)
    second.write(runId, 1, 2)
    second.streams.end(runId)
    const expected = ['0', '1', '1000000000', '1000000001']
    expect(await early).toEqual(expected)
    expect(await ids(second.streams.follow(runId, { afterId: '-1', modes, signal: reader.signal }))).toEqual(expected)
    second.close()
  })

  it('are written once where Redis took them and its answer was lost', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    await writing.link.send('XADD', runPlace(prefix, runId).key, '2-0', 'e', 'values', 'd', '0')
    writing.write(runId, 2)
    writing.streams.end(runId)
    expect(await ids(await follow('-1', null))).toEqual(['0', '1', '2'])
  })

  it('that Redis has forgotten are written anew once it is back', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 3)
    await writing.streams.flushed(runId)
    await writing.link.send('DEL', runPlace(prefix, runId).key)
    await writing.link.reconnect(reading.link)
    await writing.streams.flushed(runId)
    expect(await entries()).toBe(3)
  })

  it('whose place somebody has taken for something else are written anew', async () => {
    const early = ids(await follow('-1'))
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 2)
    await writing.streams.flushed(runId)
    await writing.link.send('SET', runPlace(prefix, runId).key, 'not a stream')
    writing.write(runId, 1)
    writing.streams.end(runId)
    expect(await early).toEqual(['0', '1', '2'])
    expect(await ids(await follow('-1', null))).toEqual(['0', '1', '2'])
  })

  it('end when they are given up, also where somebody has taken their place', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    await writing.link.send('SET', runPlace(prefix, runId).key, 'not a stream')
    writing.close()
    const late = ids(await follow('-1'))
    await reading.clock.advance(10_000)
    reading.streams.abandon(runId)
    expect(await late).toEqual([])
  })

  it('that Redis has forgotten are written anew with their end, where that had been told', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 2)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    await writing.link.send('DEL', runPlace(prefix, runId).key)
    await writing.link.reconnect(reading.link)
    await writing.streams.flushed(runId)
    expect(await ids(await follow('-1', null))).toEqual(['0', '1'])
  })

  it('that could not be read are read as soon as Redis is back', async () => {
    const early = ids(await follow('-1'))
    writing.streams.open(runId, { replayable: true })
    reading.link.fault = 'refused'
    writing.write(runId, 2)
    writing.streams.end(runId)
    await expect.poll(() => reading.link.failures).toBeGreaterThan(0)
    await reading.link.reconnect(writing.link)
    expect(await early).toEqual(['0', '1'])
  })

  it('after the one that a client names come alone, also where Redis was away as it asked', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 5)
    await writing.streams.flushed(runId)
    reading.link.fault = 'refused'
    const late = ids(await follow('2'))
    await reading.link.reconnect(writing.link)
    writing.write(runId, 1)
    writing.streams.end(runId)
    expect(await late).toEqual(['3', '4', '5'])
  })

  it('are listened for once, however often they are looked for', async () => {
    const early = ids(await follow('-1'))
    await reading.clock.advance(20_000)
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 2)
    writing.streams.end(runId)
    expect(await early).toEqual(['0', '1'])
    expect(reading.link.subscriptions).toBe(1)
  })

  it('that were read for somebody who has left are not taken for those of who comes next', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    const leaving = new AbortController()
    await reading.streams.attach(runId, { replayable: true, attempt: 1 }, leaving.signal)
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    const late = reading.link.delayAnswer('XRANGE')
    await reading.clock.advance(5_000)
    await late.asked
    leaving.abort()
    const next = ids(await follow('-1'))
    late.let()
    writing.streams.end(runId)
    expect(await next).toEqual(['0', '1'])
  })

  it('are written by a Redis too that knows our scripts no more', async () => {
    await writing.link.send('SCRIPT', 'FLUSH')
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    expect(await ids(await follow('-1', null))).toEqual(['0'])
  })

  it('end after the last, however many are still to be sent', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1_200)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    expect(await ids(await follow('-1', null))).toHaveLength(1_200)
    expect(await entries()).toBe(1_201)
  })

  it('are sent one at a time where they are large', async () => {
    writing.streams.open(runId, { replayable: true })
    for (const mark of ['a', 'b']) writing.streams.append(runId, 'values', JSON.stringify(mark.repeat(2 ** 20)))
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    expect(await ids(await follow('-1', null))).toEqual(['0', '1'])
  })

  it.each<Fault>(['refused', 'answer lost'])('are all there once, where a command was %s', async (fault) => {
    writing.streams.open(runId, { replayable: true })
    writing.link.fault = fault
    writing.write(runId, 2)
    await expect.poll(() => writing.link.failures).toBe(1)
    writing.link.fault = null
    await writing.clock.advance(500)
    await writing.streams.flushed(runId)
    expect(await entries()).toBe(2)
    writing.write(runId, 1)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    expect(await ids(await follow('-1', null))).toEqual(['0', '1', '2'])
    expect(await entries()).toBe(4)
  })

  it.each([
    ['five seconds where Redis says nothing', 5_000, (): void => void (writing.link.fault = 'silence')],
    ['two seconds where it has just been lost', 2_000, (): void => writing.link.lose()],
  ] as const)('are waited for %s', async (_howLong, patienceMs, fail) => {
    writing.streams.open(runId, { replayable: true })
    fail()
    writing.write(runId, 1)
    let isOver = false
    const flushed = writing.streams.flushed(runId).then(() => (isOver = true))
    await writing.clock.advance(patienceMs - 1)
    expect(isOver).toBe(false)
    await writing.clock.advance(1)
    await flushed
  })

  it('are not waited for where Redis has been away for a while', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.link.lose()
    await writing.clock.advance(2_000)
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    expect(await entries()).toBe(0)
  })

  it('of an earlier attempt are waited for no more once the next one has begun here', async () => {
    writing.streams.open(runId, { replayable: true, attempt: 1 })
    writing.link.fault = 'silence'
    writing.write(runId, 1)
    const flushed = writing.streams.flushed(runId)
    writing.streams.open(runId, { replayable: true, attempt: 2 })
    await flushed
    expect(await entries()).toBe(0)
  })

  it('that are waited for are there once Redis is back in time', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.link.lose()
    writing.write(runId, 1)
    const flushed = writing.streams.flushed(runId)
    await writing.link.reconnect(reading.link)
    await flushed
    expect(await entries()).toBe(1)
  })

  it('of a later attempt come to those who read in the process that had the earlier one', async () => {
    writing.streams.open(runId, { replayable: true, attempt: 1 })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    await writing.streams.attach(runId, { replayable: true, attempt: 1 }, reader.signal)
    const here = ids(writing.streams.follow(runId, { afterId: '-1', modes, signal: reader.signal }))
    reading.streams.open(runId, { replayable: true, attempt: 2 })
    await reading.streams.attach(runId, { replayable: true, attempt: 2 }, reader.signal)
    reading.write(runId, 1, 2)
    await reading.streams.flushed(runId)
    writing.write(runId, 1, 1)
    await expect.poll(() => writing.streams.isWriting(runId)).toBe(false)
    reading.write(runId, 1, 2)
    reading.streams.end(runId)
    expect((await here).slice(-2)).toEqual(['1000000000', '1000000001'])
  })

  it('of a run that is handed over come from whoever goes on with it', async () => {
    writing.streams.open(runId, { replayable: true, attempt: 1 })
    writing.write(runId, 1)
    await writing.streams.attach(runId, { replayable: true, attempt: 1 }, reader.signal)
    const here = ids(writing.streams.follow(runId, { afterId: '-1', modes, signal: reader.signal }))
    await writing.streams.flushed(runId)
    writing.streams.handOver(runId, 1)
    await reading.streams.attach(runId, { replayable: true, attempt: 2 }, reader.signal)
    reading.streams.open(runId, { replayable: true, attempt: 2 })
    reading.write(runId, 1, 2)
    reading.streams.end(runId)
    expect(await here).toEqual(['0', '1000000000'])
  })

  it.each(['handOver', 'leave'] as const)(
    'go on where the process that took a run up anew puts its earlier attempt away (%s)',
    async (putAway) => {
      const early = ids(await follow('-1'))
      writing.streams.open(runId, { replayable: true, attempt: 1 })
      writing.write(runId, 1)
      writing.streams.open(runId, { replayable: true, attempt: 2 })
      writing.write(runId, 1, 2)
      writing.streams[putAway](runId, 1)
      writing.write(runId, 1, 2)
      writing.streams.end(runId)
      expect(await early).toEqual(['0', '1000000000', '1000000001'])
    },
  )

  it('of an attempt elsewhere come to those who read where the earlier one was and the next one is', async () => {
    writing.streams.open(runId, { replayable: true, attempt: 1 })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    const here = ids(writing.streams.follow(runId, { afterId: '-1', modes, signal: reader.signal }))
    reading.streams.open(runId, { replayable: true, attempt: 2 })
    reading.write(runId, 1, 2)
    await reading.streams.flushed(runId)
    const next = { replayable: true, attempt: 3 }
    await writing.streams.attach(runId, { ...next, takesOver: true }, reader.signal)
    writing.streams.open(runId, next)
    writing.write(runId, 1, 3)
    writing.streams.end(runId)
    expect(await here).toEqual(['0', '1000000000', '2000000000'])
  })

  it('that nobody was told of are found by looking', async () => {
    const early = ids(await follow('-1'))
    const { key } = runPlace(prefix, runId)
    await writing.link.send('XADD', key, '1-0', 'e', 'values', 'd', '0')
    await writing.link.send('XADD', key, '2-0', 'x', '')
    await reading.clock.advance(5_000)
    expect(await early).toEqual(['0'])
  })

  it('of a run that has ended are there after all, when Redis was away as they were asked for', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    reading.link.fault = 'away'
    const late = ids(await follow('-1', null))
    await reading.link.reconnect(writing.link)
    expect(await late).toEqual(['0'])
  })

  it('of a run that has ended are there after all, when Redis was slow as they were asked for', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    expect(await readWhileSlow()).toEqual(['0'])
  })

  it('of a run of which nothing is kept, are none, also where that is found out late', async () => {
    expect(await readWhileSlow()).toEqual([])
  })

  it('are none behind the end that another process has set', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    reading.streams.end(runId, '{"error":"first"}')
    reading.streams.end(runId, '{"error":"second"}')
    await expect.poll(entries).toBe(3)
    writing.write(runId, 3)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    const events: string[] = []
    for await (const { json } of await follow('-1', null)) events.push(json)
    expect(events).toEqual(['0', '{"error":"first"}'])
    expect(await entries()).toBe(3)
  })

  it('beyond the limits are dropped in Redis too, and who would miss them is told', async () => {
    const small = await Process.start(prefix, { framesPerRun: 3 })
    small.streams.open(runId, { replayable: true })
    small.write(runId, 10)
    await small.streams.flushed(runId)
    small.write(runId, 1)
    small.streams.end(runId)
    await small.streams.flushed(runId)
    expect(await ids(await follow('-1', null))).toEqual(['8', '9', '10'])
    await expect(follow('5', null)).rejects.toThrow('no longer kept')
    small.close()
  })

  it('of a run that another process has ended, end', async () => {
    const waiting = ids(await follow('-1'))
    writing.streams.end(runId)
    expect(await waiting).toEqual([])
    expect(await ids(await follow('-1', null))).toEqual([])
  })

  it('of a run that nobody has ended, end when they are given up, and Redis has been there for a while', async () => {
    const waiting = ids(await follow('-1'))
    reading.streams.abandon(runId)
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    await reading.clock.advance(10_000)
    await reading.link.reconnect(writing.link)
    reading.streams.abandon(runId)
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    await expect.poll(() => reading.streams.lastId(runId)).toBe('1')
    await reading.clock.advance(10_000)
    const events: string[] = []
    reading.streams.abandon(runId, '{"error":"Error"}')
    for await (const { event } of await follow('0')) events.push(event)
    expect(events).toEqual(['values', 'error'])
    expect(await waiting).toEqual(['0', '1', '2'])
  })

  it('of a run of which nothing is kept, are none', async () => {
    expect(await ids(await follow('-1', null))).toEqual([])
    expect(await ids(await follow('7', null))).toEqual([])
  })

  it('are not listened for once nobody reads', async () => {
    const leaving = new AbortController()
    await reading.streams.attach(runId, { replayable: true, attempt: 1 }, leaving.signal)
    const { channel } = runPlace(prefix, runId)
    const listeners = () => writing.link.send<[string, number]>('PUBSUB', 'NUMSUB', channel)
    expect((await listeners())[1]).toBe(1)
    leaving.abort()
    await expect.poll(async () => (await listeners())[1]).toBe(0)
    expect(reading.streams.has(runId)).toBe(false)
    const again = new AbortController()
    await reading.streams.attach(runId, { replayable: true, attempt: 1 }, again.signal)
    expect((await listeners())[1]).toBe(1)
    again.abort()
  })

  it('go from Redis with the time: soon after the end, later for a run that says nothing', async () => {
    writing.streams.open(runId, { replayable: true })
    writing.write(runId, 1)
    await writing.streams.flushed(runId)
    const lifetime = () => writing.link.send<number>('PTTL', runPlace(prefix, runId).key)
    expect(await lifetime()).toBeGreaterThan(RETENTION_MS)
    await writing.link.send('PEXPIRE', runPlace(prefix, runId).key, '5000')
    await writing.clock.advance(300_000)
    await expect.poll(lifetime).toBeGreaterThan(RETENTION_MS)
    writing.streams.end(runId)
    await writing.streams.flushed(runId)
    expect(await lifetime()).toBeLessThanOrEqual(RETENTION_MS)
  })
})
