// Reads many event streams of the ticker graph at once, and says what came of them.
import { frames, open } from './client.mjs'
import { stopwatch } from './loads.mjs'
import { quantile } from './statistics.mjs'

/** How often the graph of a stream writes an event, ms. */
export const EVERY_MS = 20

/** What streams may take longer than they should, s. */
const GRACE_SECONDS = 30

/**
 * @typedef {object} ReadStream
 * @property {number[]} numbers of the events, as they came
 * @property {number[]} delays from written to arrived, ms
 * @property {number[]} lates from due to arrived, ms
 * @property {number | null} firstAt
 * @property {number | null} lastAt
 */

/** How many events a stream of so many seconds has. */
export function ticksIn(seconds) {
  return Math.round((seconds * 1000) / EVERY_MS)
}

/** Opens a stream with a run of its own. */
export function openOwn(server, ticks) {
  const input = { count: ticks, everyMs: EVERY_MS }
  return open(`${server.url}/runs/stream`, { assistant_id: 'ticker', input, stream_mode: ['custom'] })
}

/**
 * Reads so many streams with a run of their own: events, how many of them a second, and CPU time for each.
 * @param {any} server
 * @param {{ count: number, seconds: number }} length
 * @param {() => number | null} clock of PostgreSQL
 */
export async function measureStreams(server, { count, seconds }, clock) {
  const ticks = ticksIn(seconds)
  const cost = stopwatch(server, clock)
  const { streams } = await readStreams(count, { ticks, seconds }, () => openOwn(server, ticks))
  const arrived = streams.reduce((sum, { numbers }) => sum + numbers.length, 0)
  return { count: arrived, figures: cost(arrived) }
}

/**
 * Opens all at once and reads each to its end; what arrived is told even when some do not come to one.
 * @param {number} count
 * @param {{ ticks: number, seconds: number }} length of each
 * @param {(n: number) => Promise<{ body: any }>} open
 * @returns {Promise<{ streams: ReadStream[], ticks: number, failure: Error | null }>}
 */
export async function readStreams(count, { ticks, seconds }, open) {
  const bodies = new Set()
  const streams = Array.from({ length: count }, () => ({
    numbers: [],
    delays: [],
    lates: [],
    firstAt: null,
    lastAt: null,
  }))
  let failure = null
  const limit = seconds + GRACE_SECONDS
  const late = setTimeout(() => {
    failure ??= new Error(`not all streams had ended after ${limit} s`)
    for (const body of bodies) body.destroy()
  }, limit * 1000)
  const one = (stream, n) => readOne(stream, () => open(n), bodies).catch((error) => (failure ??= error))
  await Promise.all(streams.map(one))
  clearTimeout(late)
  return { streams, ticks, failure }
}

async function readOne(stream, open, bodies) {
  const { body } = await open()
  bodies.add(body)
  for await (const { event, data } of frames(body)) {
    if (event === 'error') throw new Error(`a streamed run failed: ${data.slice(0, 200)}`)
    if (event === 'custom') take(stream, JSON.parse(data))
  }
  bodies.delete(body)
}

function take(stream, { n, due, at }) {
  const now = Date.now()
  stream.firstAt ??= now
  stream.lastAt = now
  stream.numbers.push(n)
  stream.delays.push(now - at)
  stream.lates.push(now - due)
}

/**
 * The figures of a read.
 * @param {ReadStream[]} streams
 * @param {number} ticks
 */
export function summaryOf(streams, ticks) {
  const delays = streams.flatMap((stream) => stream.delays)
  const seconds = (latest(streams) - earliest(streams)) / 1000
  return {
    atOnce: mostAtOnce(streams),
    arrived: (100 * delays.length) / (streams.length * ticks),
    disorder: streams.flatMap(({ numbers }) => numbers.filter((n, place) => n !== place)).length,
    rate: delays.length / seconds,
    delayMedian: quantile(delays, 0.5),
    delayP99: quantile(delays, 0.99),
    lateP99: quantile(
      streams.flatMap(({ lates }) => lates),
      0.99,
    ),
  }
}

function earliest(streams) {
  return streams.reduce((least, { firstAt }) => Math.min(least, firstAt ?? Infinity), Infinity)
}

function latest(streams) {
  return streams.reduce((most, { lastAt }) => Math.max(most, lastAt ?? 0), 0)
}

/** The most streams that were between their first and their last event at the same time. */
function mostAtOnce(streams) {
  const opened = streams.filter(({ firstAt }) => firstAt !== null)
  const moments = opened.flatMap(({ firstAt, lastAt }) => [
    [firstAt, 1],
    [lastAt + 1, -1],
  ])
  moments.sort(([a, up], [b, other]) => a - b || up - other)
  let now = 0
  let most = 0
  for (const [, change] of moments) most = Math.max(most, (now += change))
  return most
}
