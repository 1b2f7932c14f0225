// From the end of a run to the webhook in the receiver, and how fast a backlog is sent.
import { LABELS, SERVERS, withContestants } from '../contestants/index.mjs'
import { freshDatabase, startSignalbox } from '../contestants/signalbox.mjs'
import { drain } from '../support/backlog.mjs'
import { CLIENTS } from '../support/loads.mjs'
import { TWO_NODES, inParallel, makeThreads, waitOnThread } from '../support/runs.mjs'
import { within } from '../support/within.mjs'

const DATABASES = ['embedded', 'postgres']
const HOOK_SECONDS = 60

/** @type {import('../section.mjs').SectionPlan} */
export const webhooks = {
  id: 'webhooks',
  title: 'Webhooks',
  about:
    'From `run_ended_at` in the body to its arrival in the receiver, of waits on threads; then a backlog of deliveries for one host, beside a loop that posts the same bytes with the same client library, process count and concurrency (16), before and after each.',
  rows: [
    { id: 'idleMedian', label: 'run ended → received, idle, median', unit: 'ms' },
    { id: 'idleP99', label: 'run ended → received, idle, p99', unit: 'ms' },
    { id: 'loadedMedian', label: `the same, ${CLIENTS} clients, median`, unit: 'ms' },
    { id: 'loadedP99', label: `the same, ${CLIENTS} clients, p99`, unit: 'ms' },
    { id: 'backlog', label: 'deliveries from a backlog', unit: '/s', digits: 0 },
    { id: 'bareLoop', label: 'bare loop of posts', unit: '/s', digits: 0 },
    { id: 'ratio', label: 'ratio of the two', unit: '', digits: 2 },
  ],
  columns: LABELS,
  run: async (section) => {
    section.notes.push(`Backlog: ${section.scale.backlog.toLocaleString('en')} deliveries of 1,500 bytes.`)
    await withContestants(section, SERVERS, {}, (servers) => measureLatencies(section, servers))
    const contestants = DATABASES.map((id) => ({ id }))
    await section.inTurns(contestants, backlogRounds(section), ({ id }) => measureBacklog(section, id))
  },
}

/** @param {import('../section.mjs').Section} section */
async function measureLatencies(section, servers) {
  await section.inTurns(servers, 1, (server) => hookLatencies(section, server, 1, runsOf(section, server)))
  await section.inTurns(servers, 3, async (server) => {
    const runs = runsOf(section, server)
    section.recordTimes('idle', server.id, await hookLatencies(section, server, 1, runs))
    const loaded = await hookLatencies(section, server, CLIENTS, Math.max(CLIENTS, runs * 3))
    section.recordTimes('loaded', server.id, loaded)
  })
}

/** Runs by so many clients; each next one of a single client begins when the webhook before it has come. */
async function hookLatencies({ receiver }, server, clients, runs) {
  const path = `/latency/${server.id}`
  const run = { ...TWO_NODES, webhook: receiver.url(path) }
  const threads = await makeThreads(server, runs)
  if (clients === 1) return oneByOne(receiver, path, threads, (thread) => waitOnThread(server, thread, run))
  const told = receiver.latencies(runs, path)
  await inParallel(clients, runs, (n) => waitOnThread(server, threads[n], run))
  return (await within(told, HOOK_SECONDS, 'the webhooks')).latencies
}

async function oneByOne(receiver, path, threads, wait) {
  const all = []
  for (const thread of threads) {
    const told = receiver.latencies(1, path)
    await wait(thread)
    all.push(...(await within(told, HOOK_SECONDS, 'a webhook')).latencies)
  }
  return all
}

async function measureBacklog(section, id) {
  const database = await freshDatabase(id)
  try {
    await recordDrain(section, id, database)
  } finally {
    await database.remove()
  }
}

/**
 * One backlog on a database that no server has open.
 * @param {import('../section.mjs').Section} section
 * @param {string} id
 * @param {Awaited<ReturnType<typeof freshDatabase>>} database
 */
export async function recordDrain(section, id, database) {
  const start = () => startSignalbox(section.workbench, database)
  const figures = await drain(database, section.receiver, section.scale.backlog, start)
  section.record('backlog', id, figures.perSecond)
  section.record('bareLoop', id, figures.barePerSecond)
  section.record('ratio', id, figures.ratio)
}

/** The dev server takes half a second for a wait. */
function runsOf({ scale }, { id }) {
  return id === 'reference' ? scale.slowWaits * 2 : scale.webhooks
}

function backlogRounds({ scale }) {
  return Math.min(scale.rounds, 3)
}
