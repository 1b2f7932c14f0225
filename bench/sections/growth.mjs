// The same few figures on a database with a past, in turns with one that has none.
import { freshDatabase, givePast, startSignalbox } from '../contestants/signalbox.mjs'
import { postgresClock } from '../support/figures-of-processes.mjs'
import { waitStateless } from '../support/runs.mjs'
import { measureWaits } from './idle.mjs'
import { measureLoads } from './throughput.mjs'
import { recordDrain } from './webhooks.mjs'

/** Idle waits before the first round. */
const WARM_UP = 50

/** @type {import('../section.mjs').SectionPlan} */
export const growth = {
  id: 'growth',
  title: 'With a past in the tables',
  about:
    'Two servers, one on empty tables and one on tables with finished runs, their threads and delivered webhooks, measured in turns.',
  rows: [
    { id: 'stateless', label: 'stateless wait, idle', unit: 'ms' },
    { id: 'onThread', label: 'wait on a thread, idle', unit: 'ms' },
    { id: 'waits', label: 'stateless waits, 32 clients', unit: '/s', digits: 0 },
    { id: 'hooks', label: 'waits on threads with webhooks, 32 clients', unit: '/s', digits: 0 },
    { id: 'background', label: 'background runs with webhooks, 32 clients', unit: '/s', digits: 0 },
    { id: 'backlog', label: 'deliveries from a backlog', unit: '/s', digits: 0 },
    { id: 'ratio', label: 'the same, of a bare loop of posts', unit: '', digits: 2 },
  ],
  columns: {
    postgresEmpty: 'PostgreSQL, empty',
    postgresFull: 'PostgreSQL, with a past',
    embeddedEmpty: 'embedded, empty',
    embeddedFull: 'embedded, with a past',
  },
  run: async (section) => {
    const { history, embeddedHistory } = section.scale
    for (const [kind, count] of Object.entries({ postgres: history, embedded: embeddedHistory })) {
      if (count > 0) await section.attempt(`${kind}Full`, () => measureKind(section, kind, count))
    }
  },
}

async function measureKind(section, kind, count) {
  const empty = { id: `${kind}Empty`, database: await freshDatabase(kind) }
  const full = { id: `${kind}Full`, database: await freshDatabase(kind) }
  try {
    const from = performance.now()
    await givePast(section.workbench, full.database, count)
    const seconds = ((performance.now() - from) / 1000).toFixed(0)
    console.log(`  ${kind}: ${count} rows in ${seconds} s`)
    const name = kind === 'postgres' ? 'PostgreSQL' : 'Embedded'
    section.notes.push(`${name}: ${count.toLocaleString('en')} runs and deliveries.`)
    await measurePair(section, [empty, full])
  } finally {
    await empty.database.remove()
    await full.database.remove()
  }
}

async function measurePair(section, pair) {
  await withServers(section, pair, async (servers) => {
    for (const server of servers) for (let n = 0; n < WARM_UP; n += 1) await waitStateless(server)
    const rounds = Math.min(section.scale.rounds, 3)
    await section.inTurns(servers, rounds, (server) => measureWaits(section, server, section.scale.waits))
    await measureLoads(section, servers, { clock: await postgresClock(), rounds })
  })
  await section.inTurns(pair, 2, ({ id, database }) => recordDrain(section, id, database))
}

async function withServers(section, pair, work) {
  const servers = []
  try {
    for (const { id, database } of pair) {
      servers.push({ ...(await startSignalbox(section.workbench, database)), kind: 'server', id })
    }
    await work(servers)
  } finally {
    for (const server of servers) await server.stop()
  }
}
