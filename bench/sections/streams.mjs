// Many streams open at once, each with its own run behind it: does every event arrive, in order, and how late.
import { join } from 'node:path'
import { LABELS, SERVERS, startContestant } from '../contestants/index.mjs'
import { frames, open } from '../support/client.mjs'
import { startServerProcess } from '../support/server-process.mjs'
import { quantile } from '../support/statistics.mjs'

const EVERY_MS = 20
/** What a server may take longer than its streams should last, s. */
const GRACE_SECONDS = 90

/** @type {import('../section.mjs').SectionPlan} */
export const streams = {
  id: 'streams',
  title: 'Streams held open at once',
  about:
    'Every stream has a run of its own whose one node writes an event every 20 ms; every server may run all of them at once. Delays are from the writing of an event (or from when it was due) to its arrival in the client. Bare is an HTTP server in Node that writes the same events by itself.',
  rows: [
    { id: 'asked', label: 'streams', unit: '', digits: 0 },
    { id: 'atOnce', label: 'most that had events at once', unit: '', digits: 0 },
    { id: 'arrived', label: 'events arrived', unit: '%', digits: 2 },
    { id: 'disorder', label: 'events out of order', unit: '', digits: 0 },
    { id: 'rate', label: 'events per second, all together', unit: '/s', digits: 0 },
    { id: 'delayMedian', label: 'written → arrived, median', unit: 'ms' },
    { id: 'delayP99', label: 'written → arrived, p99', unit: 'ms' },
    { id: 'lateP99', label: 'due → arrived, p99', unit: 'ms' },
    { id: 'rss', label: 'memory (RSS) at the end', unit: 'MiB', digits: 0 },
  ],
  columns: { ...LABELS, bareSse: 'bare event stream' },
  run: async (section) => {
    section.notes.push(
      `${section.scale.streams} streams, ${1000 / EVERY_MS} events/s each, for ${section.scale.streamSeconds} s.`,
    )
    for (const id of [...SERVERS, 'bareSse']) await section.attempt(id, () => measureOne(section, id))
  },
}

/** One contestant after the other: all the machine is for one. */
async function measureOne(section, id) {
  const server = await startOne(section, id)
  try {
    await readAll(server, 2, 20)
    const { streams: count, streamSeconds } = section.scale
    const ticks = Math.round((streamSeconds * 1000) / EVERY_MS)
    const { read, failure } = await readAll(server, count, ticks)
    report(section, id, { read, ticks })
    section.record('rss', id, server.rssMiB())
    if (failure) section.fail(id, failure)
  } finally {
    await server.stop()
  }
}

function startOne({ workbench, scale }, id) {
  if (id !== 'bareSse') return startContestant(workbench, id, { runs: scale.streams })
  return startServerProcess({
    command: process.execPath,
    args: (port) => [join(import.meta.dirname, '../support/bare-sse.mjs'), String(port)],
    cwd: workbench.project,
    environment: {},
    log: workbench.log('bare-sse'),
  })
}

/** Opens all at once and reads each to its end; what arrived is told even when some do not come to one. */
async function readAll(server, count, ticks) {
  const bodies = new Set()
  const read = Array.from({ length: count }, () => ({
    numbers: [],
    delays: [],
    lates: [],
    firstAt: null,
    lastAt: null,
  }))
  let failure = null
  const seconds = (ticks * EVERY_MS) / 1000 + GRACE_SECONDS
  const late = setTimeout(() => {
    failure ??= new Error(`streams had not ended after ${seconds} s`)
    for (const body of bodies) body.destroy()
  }, seconds * 1000)
  const one = (stream) => readOne(server, ticks, stream, bodies).catch((error) => (failure ??= error))
  await Promise.all(read.map(one))
  clearTimeout(late)
  return { read, failure }
}

async function readOne(server, ticks, stream, bodies) {
  const input = { count: ticks, everyMs: EVERY_MS }
  const { body } = await open(`${server.url}/runs/stream`, { assistant_id: 'ticker', input, stream_mode: ['custom'] })
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

function report(section, id, { read, ticks }) {
  const delays = read.flatMap((stream) => stream.delays)
  const seconds = (latest(read) - earliest(read)) / 1000
  section.record('asked', id, read.length)
  section.record('atOnce', id, mostAtOnce(read))
  section.record('arrived', id, (100 * delays.length) / (read.length * ticks))
  section.record('disorder', id, read.flatMap(({ numbers }) => numbers.filter((n, place) => n !== place)).length)
  section.record('rate', id, delays.length / seconds)
  section.record('delayMedian', id, quantile(delays, 0.5))
  section.record('delayP99', id, quantile(delays, 0.99))
  section.record(
    'lateP99',
    id,
    quantile(
      read.flatMap(({ lates }) => lates),
      0.99,
    ),
  )
}

function earliest(read) {
  return read.reduce((least, { firstAt }) => Math.min(least, firstAt ?? Infinity), Infinity)
}

function latest(read) {
  return read.reduce((most, { lastAt }) => Math.max(most, lastAt ?? 0), 0)
}

/** The most streams that were between their first and their last event at the same time. */
function mostAtOnce(read) {
  const opened = read.filter(({ firstAt }) => firstAt !== null)
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
