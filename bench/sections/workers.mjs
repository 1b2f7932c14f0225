// One API process and more and more worker processes, on one PostgreSQL and one Redis.
import { setTimeout as sleep } from 'node:timers/promises'
import { freshDatabase, startSignalbox } from '../contestants/signalbox.mjs'
import { postgresClock } from '../support/figures-of-processes.mjs'
import { LOADS, measureLoad, runsForRound } from '../support/loads.mjs'
import { waitAfterEnd } from '../support/runs.mjs'

const REDIS = process.env.SIGNALBOX_BENCH_REDIS ?? 'redis://127.0.0.1:6379/9'
const NAP_MS = 200
const NAP = { assistant_id: 'nap', input: { ms: NAP_MS } }
/** How long a worker may take to begin, after its process has. */
const WORKER_START_MS = 5_000

/** @type {import('../section.mjs').SectionPlan} */
export const workers = {
  id: 'workers',
  title: 'From one worker process to many',
  about:
    '`signalbox start --role api` once and `--role worker` so many times, on one PostgreSQL and one Redis, 32 clients. A run of the second graph waits 200 ms, as if for a model: ten at once in each worker, 50/s each, is the most there can be. Runs that are waited for one after the other: from their end, stored by a worker, to the answer of the API process.',
  rows: [
    { id: 'waitMedian', label: 'run ended → wait answered by the API process, idle, median', unit: 'ms' },
    { id: 'waitP99', label: 'the same, p99', unit: 'ms' },
    { id: 'hooks', label: 'waits on threads, two nodes, with webhooks', unit: '/s', digits: 0 },
    { id: 'background', label: 'background runs, two nodes, with webhooks', unit: '/s', digits: 0 },
    { id: 'nap', label: 'background runs that wait 200 ms', unit: '/s', digits: 0 },
    { id: 'backgroundCpu', label: 'background run, two nodes, CPU time of all', unit: 'ms/run', digits: 2 },
  ],
  columns: {},
  run: async (section) => {
    if (section.scale.workers.length === 0) return
    const sizes = section.scale.workers.map((count) => ({ id: `workers${count}`, count }))
    for (const { id, count } of sizes) section.plan.columns[id] = count === 1 ? '1 worker' : `${count} workers`
    if (!(await hasRoles(section))) return
    await section.inTurns(sizes, Math.min(section.scale.rounds, 2), (size) => measureSize(section, size))
  },
}

/** Whether this build knows roles; says so when it does not. */
async function hasRoles(section) {
  const database = await freshDatabase('postgres')
  try {
    const api = await startRole(section, database, 'api')
    await api.stop()
    return true
  } catch (error) {
    const isUnknown = /unknown option|SIGNALBOX_ROLE/.test(error.message)
    section.fail('', isUnknown ? new Error('this build has no roles (`signalbox start --role` is refused)') : error)
    return false
  } finally {
    await database.remove()
  }
}

function startRole({ workbench }, database, role) {
  return startSignalbox(workbench, database, {
    options: ['--role', role],
    environment: { REDIS_URI: REDIS },
    ready: role === 'api' ? 'answers' : 'lives',
  })
}

async function measureSize(section, { id, count }) {
  const database = await freshDatabase('postgres')
  const processes = []
  try {
    processes.push(await startRole(section, database, 'api'))
    for (let n = 0; n < count; n += 1) processes.push(await startRole(section, database, 'worker'))
    await sleep(WORKER_START_MS)
    const lost = processes.find((each) => each.hasEnded())
    if (lost) throw new Error(`a process has ended: ${lost.lastWords()}`)
    await measureLoadsOf(section, asOne(id, processes))
  } finally {
    for (const each of processes.toReversed()) await each.stop()
    await database.remove()
  }
}

/** One wait after the other, each of a run that another process executes. */
async function measureWaits(section, server) {
  const delays = []
  for (let n = 0; n < section.scale.webhooks; n += 1) delays.push(await waitAfterEnd(server))
  const warm = delays.slice(delays.length / 5)
  section.recordTimes('wait', server.id, warm)
}

/** The API's address, and the cost of all. */
function asOne(id, processes) {
  const sum = (values) => (values.includes(null) ? null : values.reduce((all, each) => all + each, 0))
  return { id, url: processes[0].url, cpuSeconds: () => sum(processes.map((each) => each.cpuSeconds())) }
}

async function measureLoadsOf(section, server) {
  const { receiver, scale } = section
  await measureWaits(section, server)
  const clock = await postgresClock()
  for (const load of [LOADS.hooks, LOADS.background]) {
    const count = await runsForRound(server, load, { receiver, scale })
    const { perSecond, cpuMs } = await measureLoad(server, load, { count, receiver, clock })
    section.record(load.id, server.id, perSecond)
    if (load === LOADS.background) section.record('backgroundCpu', server.id, cpuMs)
  }
  // Without regard to how many there are, so many that the last ones do not decide.
  const count = Math.round(scale.seconds * 200)
  const { perSecond } = await measureLoad(server, LOADS.background, { count, receiver, clock, input: NAP })
  section.record('nap', server.id, perSecond)
}
