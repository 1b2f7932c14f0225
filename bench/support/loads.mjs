// Loads of 32 clients: what is asked, how it is counted, and what it costs.
import { TWO_NODES, inParallel, makeThread, makeThreads, rateFor, runInBackground } from './runs.mjs'
import { waitOnThread, waitStateless } from './runs.mjs'
import { within } from './within.mjs'

/** Requests under way at once. */
export const CLIENTS = 32

/** How long the last webhook may take after the last answer, s. */
const HOOKS_SECONDS = 120

/**
 * @typedef {object} Load
 * @property {string} id
 * @property {boolean} onThreads each run on a thread that was made before
 * @property {boolean} withHooks done when the last webhook has been received
 * @property {(server: any, run: object, thread: string) => Promise<unknown>} request
 */

/** @type {Record<string, Load>} */
export const LOADS = {
  waits: { id: 'waits', onThreads: false, withHooks: false, request: (server, run) => waitStateless(server, run) },
  hooks: {
    id: 'hooks',
    onThreads: true,
    withHooks: true,
    request: (server, run, thread) => waitOnThread(server, thread, run),
  },
  background: {
    id: 'background',
    onThreads: true,
    withHooks: true,
    request: (server, run, thread) => runInBackground(server, thread, run),
  },
}

/**
 * Warms up, and finds how many runs a round of so many seconds needs.
 * @param {any} server
 * @param {Load} load
 * @param {{ receiver: any, scale: import('../options.mjs').Scale, input?: object }} bench
 */
export async function runsForRound(server, load, { receiver, scale, input = TWO_NODES }) {
  const body = load.withHooks ? { ...input, webhook: receiver.url(`/warm-up/${server.id}`) } : input
  // A background run is accepted faster than it is done: waits find the rate for both.
  const request = load.id === 'background' ? LOADS.hooks.request : load.request
  const perSecond = await rateFor(CLIENTS, scale.warmUp, async () => {
    await request(server, body, load.onThreads ? await makeThread(server) : '')
  })
  return Math.max(CLIENTS, Math.round(perSecond * scale.seconds))
}

/**
 * One round: runs per second, and CPU time per run of the server and of its database.
 * @param {any} server
 * @param {Load} load
 * @param {{ count: number, receiver: any, clock: () => number | null, input?: object }} how
 */
export async function measureLoad(server, load, { count, receiver, clock, input = TWO_NODES }) {
  const threads = load.onThreads ? await makeThreads(server, count) : []
  const path = `/${load.id}/${server.id}`
  const body = load.withHooks ? { ...input, webhook: receiver.url(path) } : input
  const told = load.withHooks ? receiver.expect(count, path) : Promise.resolve()
  const cost = stopwatch(server, clock)
  await inParallel(CLIENTS, count, (n) => load.request(server, body, threads[n]))
  await within(told, HOOKS_SECONDS, 'the last webhook')
  return cost(count)
}

/**
 * The same figures of the bare graph.
 * @param {any} bare
 * @param {{ count: number, clock: () => number | null }} how
 */
export async function measureBare(bare, { count, clock }) {
  const cost = stopwatch(bare, clock)
  const { seconds } = await bare.invoke({
    graph: TWO_NODES.assistant_id,
    input: TWO_NODES.input,
    count,
    concurrency: CLIENTS,
  })
  return { ...cost(count), perSecond: count / seconds }
}

/**
 * Starts counting what a contestant and its PostgreSQL cost; asked with the count of runs, it tells.
 * @param {any} contestant
 * @param {() => number | null} clock of PostgreSQL
 */
export function stopwatch(contestant, clock) {
  const from = { at: performance.now(), cpu: contestant.cpuSeconds(), database: clock() }
  return (count) => {
    const seconds = (performance.now() - from.at) / 1000
    const cpu = since(contestant.cpuSeconds(), from.cpu)
    const database = since(clock(), from.database)
    const perRun = (all) => (all === null ? null : (all * 1000) / count)
    const isMeasured = cpu !== null && (database !== null || !usesPostgres(contestant))
    return {
      perSecond: count / seconds,
      cpuMs: isMeasured ? perRun(cpu + (usesPostgres(contestant) ? database : 0)) : null,
      databaseMs: usesPostgres(contestant) ? perRun(database) : null,
    }
  }
}

function since(now, before) {
  return now === null || before === null ? null : now - before
}

/** @param {{ id: string }} contestant */
function usesPostgres({ id }) {
  return id.toLowerCase().includes('postgres') || id.startsWith('workers')
}
