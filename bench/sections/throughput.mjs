// Runs per second with 32 clients, their cost in CPU time, and the memory before and after.
import { setTimeout as sleep } from 'node:timers/promises'
import { BARE, LABELS, SERVERS, withContestants } from '../contestants/index.mjs'
import { postgresClock } from '../support/figures-of-processes.mjs'
import { CLIENTS, LOADS, measureBare, measureLoad, runsForRound } from '../support/loads.mjs'
import { TWO_NODES } from '../support/runs.mjs'

/** Runs with which the bare graph is warmed up. */
const BARE_WARM_UP = 200
const MOST_ROUNDS = 3
const KINDS = ['waits', 'hooks', 'background']

/** @type {import('../section.mjs').SectionPlan} */
export const throughput = {
  id: 'throughput',
  title: `Runs per second, ${CLIENTS} clients`,
  about:
    'The graph of two nodes; ten runs at once in each server (their defaults), client and receiver of webhooks on the same machine. A run with a webhook counts when its webhook was received; threads are made before. Bare is `graph.invoke`, 32 at once, each on a thread of its own.',
  rows: [
    { id: 'waits', label: 'stateless waits', unit: '/s', digits: 0 },
    { id: 'hooks', label: 'waits on threads, with webhooks', unit: '/s', digits: 0 },
    { id: 'background', label: 'background runs on threads, with webhooks', unit: '/s', digits: 0 },
    { id: 'waitsCpu', label: 'stateless wait, CPU time of server and database', unit: 'ms/run', digits: 2 },
    { id: 'hooksCpu', label: 'wait on a thread with webhook, CPU time of both', unit: 'ms/run', digits: 2 },
    { id: 'backgroundCpu', label: 'background run with webhook, CPU time of both', unit: 'ms/run', digits: 2 },
    { id: 'waitsDatabase', label: 'stateless wait, CPU time of PostgreSQL alone', unit: 'ms/run', digits: 2 },
    { id: 'hooksDatabase', label: 'wait on a thread with webhook, of PostgreSQL alone', unit: 'ms/run', digits: 2 },
    { id: 'rssIdle', label: 'memory (RSS) idle', unit: 'MiB', digits: 0 },
    { id: 'rssLoaded', label: 'memory (RSS) after all of the load', unit: 'MiB', digits: 0 },
  ],
  columns: LABELS,
  run: (section) =>
    withContestants(section, [...SERVERS, ...BARE], {}, (contestants) => measureAll(section, contestants)),
}

/** @param {import('../section.mjs').Section} section */
async function measureAll(section, contestants) {
  await sleep(2_000)
  for (const contestant of contestants) section.record('rssIdle', contestant.id, contestant.rssMiB())
  const clock = await postgresClock()
  const rounds = Math.min(section.scale.rounds, MOST_ROUNDS)
  await measureLoads(section, contestants, { clock, rounds })
  for (const contestant of contestants) section.record('rssLoaded', contestant.id, contestant.rssMiB())
}

/**
 * All loads of all contestants in turns; the bare graph has no background runs.
 * @param {import('../section.mjs').Section} section
 * @param {any[]} contestants
 * @param {{ clock: () => number | null, rounds: number, kinds?: string[] }} how
 */
export async function measureLoads(section, contestants, { clock, rounds, kinds = KINDS }) {
  for (const load of kinds.map((kind) => LOADS[kind])) {
    const counts = new Map()
    const takingPart = contestants.filter(({ kind }) => kind === 'server' || load.id !== 'background')
    await section.inTurns(takingPart, 1, async (each) => {
      const isBare = each.kind === 'bare'
      counts.set(each, await (isBare ? bareRunsForRound(each, section) : runsForRound(each, load, section)))
    })
    await section.inTurns([...counts.keys()], rounds, async (each) => {
      const how = { count: counts.get(each), clock, receiver: section.receiver }
      record(
        section,
        load.id,
        each.id,
        await (each.kind === 'bare' ? measureBare(each, how) : measureLoad(each, load, how)),
      )
    })
  }
}

/** Warms up, and finds how many runs a round of so many seconds needs. */
async function bareRunsForRound(bare, { scale }) {
  const order = { graph: TWO_NODES.assistant_id, input: TWO_NODES.input, count: BARE_WARM_UP, concurrency: CLIENTS }
  await bare.invoke(order)
  const { seconds } = await bare.invoke(order)
  return Math.round((BARE_WARM_UP / seconds) * scale.seconds)
}

function record(section, row, who, { perSecond, cpuMs, databaseMs }) {
  section.record(row, who, perSecond)
  section.record(`${row}Cpu`, who, cpuMs)
  if (row !== 'background') section.record(`${row}Database`, who, databaseMs)
}
