// Many streams open at once: does every event arrive, in order, and how late; each with a run of its own, then many on
// few runs.
import { join } from 'node:path'
import { LABELS, SERVERS, startContestant } from '../contestants/index.mjs'
import { follow } from '../support/client.mjs'
import { EVERY_MS, openOwn, readStreams, summaryOf, ticksIn } from '../support/event-streams.mjs'
import { makeThreads, runInBackground } from '../support/runs.mjs'
import { startServerProcess } from '../support/server-process.mjs'
import { quantile } from '../support/statistics.mjs'

/** Runs that all streams follow in the second part. */
const SHARED_RUNS = 10
/** How long those wait until all have joined. */
const JOIN_MS = 3_000

/** @type {import('../section.mjs').SectionPlan} */
export const streams = {
  id: 'streams',
  title: 'Streams held open at once',
  about:
    'First every stream has a run of its own whose one node writes an event every 20 ms, and each server may run all of them at once; then all streams follow ten such runs. Delays are from the writing of an event (or from when it was due) to its arrival in the client. Bare are an HTTP server in Node that writes the same events by itself, and `graph.stream` of so many runs in one process, with no server.',
  rows: [...rowsOf('', 'a run each'), ...rowsOf('shared.', 'on ten runs')],
  columns: {
    embedded: LABELS.embedded,
    postgres: LABELS.postgres,
    reference: LABELS.reference,
    bareSse: 'bare event stream',
    bareNone: 'bare `graph.stream`',
  },
  run: async (section) => {
    section.notes.push(
      `${section.scale.streams} streams, ${1000 / EVERY_MS} events/s each, for ${section.scale.streamSeconds} s.`,
    )
    for (const id of [...SERVERS, 'bareSse']) await section.attempt(id, () => measureServer(section, id))
    await section.attempt('bareNone', () => measureGraph(section))
  },
}

/** @returns {import('../section.mjs').Row[]} */
function rowsOf(prefix, what) {
  return [
    { id: `${prefix}atOnce`, label: `${what}: most that had events at once`, unit: '', digits: 0 },
    { id: `${prefix}arrived`, label: `${what}: events arrived`, unit: '%', digits: 2 },
    { id: `${prefix}disorder`, label: `${what}: events out of order`, unit: '', digits: 0 },
    { id: `${prefix}rate`, label: `${what}: events, all together`, unit: '/s', digits: 0 },
    { id: `${prefix}delayMedian`, label: `${what}: written → arrived, median`, unit: 'ms' },
    { id: `${prefix}delayP99`, label: `${what}: written → arrived, p99`, unit: 'ms' },
    { id: `${prefix}lateP99`, label: `${what}: due → arrived, p99`, unit: 'ms' },
    { id: `${prefix}rss`, label: `${what}: memory (RSS) at the end`, unit: 'MiB', digits: 0 },
  ]
}

/** One contestant after the other: all the machine is for one. */
async function measureServer(section, id) {
  await section.attempt(id, () => withServer(section, id, (server) => measureOwn(section, id, server)))
  if (id === 'bareSse') return
  await section.attempt(id, () => withServer(section, id, (server) => measureShared(section, id, server)))
}

async function withServer(section, id, work) {
  const server = await startOne(section, id)
  try {
    await readStreams(2, { ticks: 20, seconds: 1 }, () => openOwn(server, 20))
    await work(server)
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

async function measureOwn(section, id, server) {
  const { ticks, seconds } = lengthOf(section)
  const read = await readStreams(section.scale.streams, { ticks, seconds }, () => openOwn(server, ticks))
  tell(section, '', server, id, read)
}

async function measureShared(section, id, server) {
  const { ticks, seconds } = lengthOf(section)
  const input = { count: ticks, everyMs: EVERY_MS, waitMs: JOIN_MS }
  const run = { assistant_id: 'ticker', input, stream_mode: ['custom'] }
  const urls = []
  for (const thread of await makeThreads(server, SHARED_RUNS)) {
    const { run_id: runId } = await runInBackground(server, thread, run)
    urls.push(`${server.url}/threads/${thread}/runs/${runId}/stream?stream_mode=custom`)
  }
  const length = { ticks, seconds: seconds + JOIN_MS / 1000 }
  const read = await readStreams(section.scale.streams, length, (n) => follow(urls[n % urls.length]))
  tell(section, 'shared.', server, id, read)
}

/** What can be known of a read goes into the table, and what kept it from its end beside it. */
function tell(section, prefix, server, id, { streams: read, ticks, failure }) {
  for (const [row, value] of Object.entries(summaryOf(read, ticks))) section.record(`${prefix}${row}`, id, value)
  section.record(`${prefix}rss`, id, server.rssMiB())
  if (failure) section.fail(id, failure)
}

/** The same events from the graph alone, counted where they come out of it. */
async function measureGraph(section) {
  const bare = await startContestant(section.workbench, 'bareNone')
  try {
    const { ticks } = lengthOf(section)
    const order = { graph: 'ticker', streams: section.scale.streams, input: { count: ticks, everyMs: EVERY_MS } }
    await bare.invoke({ ...order, streams: 2 })
    const { delays, lates, seconds } = await bare.invoke(order)
    section.record('rate', 'bareNone', delays.length / seconds)
    section.recordTimes('delay', 'bareNone', delays)
    section.record('lateP99', 'bareNone', quantile(lates, 0.99))
    section.record('rss', 'bareNone', bare.rssMiB())
  } finally {
    await bare.stop()
  }
}

function lengthOf({ scale }) {
  return { ticks: ticksIn(scale.streamSeconds), seconds: scale.streamSeconds }
}
