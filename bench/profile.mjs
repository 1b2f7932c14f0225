// Where the time of Signalbox goes under one load:
//   node bench/profile.mjs [--load waits|hooks|background|streams] [--database postgres|embedded] [--seconds 10]
//     [--rows 25] [--history 0]  so many finished runs and deliveries are in the tables before
// The CPU profile of the main thread, and, where PostgreSQL has pg_stat_statements loaded, its statements per run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { signalboxOnFresh } from './contestants/signalbox.mjs'
import { cleanUp, cleanUpOnSignals } from './support/cleanup.mjs'
import { closeClient } from './support/client.mjs'
import { summarise } from './support/cpu-profile.mjs'
import { measureStreams } from './support/event-streams.mjs'
import { postgresClock } from './support/figures-of-processes.mjs'
import { LOADS, measureLoad, runsForRound } from './support/loads.mjs'
import { startReceiver } from './support/processes.mjs'
import { statementsOf } from './support/statements.mjs'
import { layOut } from './support/workbench.mjs'

const { values: options } = parseArgs({
  options: {
    load: { type: 'string', default: 'waits' },
    database: { type: 'string', default: 'postgres' },
    seconds: { type: 'string', default: '10' },
    rows: { type: 'string', default: '25' },
    history: { type: 'string', default: '0' },
    keep: { type: 'string' },
  },
})
const PROFILE_MS = 30_000
/** Streams of the load of that name, each with a run of its own. */
const STREAMS = 500

async function profile() {
  const isStreams = options.load === 'streams'
  const workbench = layOut()
  const file = options.keep ?? workbench.log('profile')
  const preload = join(import.meta.dirname, 'support/profiler-preload.mjs')
  const how = {
    nodeOptions: ['--import', preload],
    environment: { BENCH_PROFILE: file, ...(isStreams ? { SIGNALBOX_MAX_RUNS: String(STREAMS) } : {}) },
  }
  const server = await signalboxOnFresh(workbench, options.database, how, Number(options.history))
  const measure = await (isStreams ? streamsOf(server) : runsOf(server))
  const statements = await statementsOf(server.database)
  process.kill(server.pid, 'SIGUSR2')
  await sleep(200)
  const measured = await measure()
  process.kill(server.pid, 'SIGUSR2')
  await statements.print(measured.count)
  print(await whenWritten(file), measured)
}

/** Runs of 32 clients, after warming up; what is counted are runs. */
async function runsOf(server) {
  const receiver = await startReceiver()
  const load = LOADS[options.load]
  const count = await runsForRound(server, load, { receiver, scale: { warmUp: 5, seconds: Number(options.seconds) } })
  return async () => {
    const figures = await measureLoad(server, load, { count, receiver, clock: await postgresClock() })
    return { what: 'run', count, figures }
  }
}

/** Many streams at once, each with a run of its own; what is counted are events. */
async function streamsOf(server) {
  await measureStreams(server, { count: 2, seconds: 1 }, () => null)
  return async () => {
    const length = { count: STREAMS, seconds: Number(options.seconds) }
    return { what: 'event', ...(await measureStreams(server, length, await postgresClock())) }
  }
}

async function whenWritten(file) {
  for (let waited = 0; waited < PROFILE_MS; waited += 200) {
    if (existsSync(file) && readFileSync(file, 'utf8').endsWith('}')) return JSON.parse(readFileSync(file, 'utf8'))
    await sleep(200)
  }
  throw new Error('the profile was not written')
}

function print(raw, { what, figures, count }) {
  const { perSecond, cpuMs, databaseMs } = figures
  console.log(
    `\n${count} ${what}s, ${perSecond.toFixed(0)}/s, CPU ${cpuMs?.toFixed(3)} ms/${what}, of it PostgreSQL ${databaseMs?.toFixed(3)}`,
  )
  const { totalMs, ...tables } = summarise(raw)
  for (const [title, shares] of Object.entries(tables)) {
    console.log(`\n${title}, µs per ${what} and share of ${(totalMs / 1000).toFixed(1)} s`)
    for (const { name, ms } of shares.slice(0, Number(options.rows))) {
      console.log(
        `${((ms * 1000) / count).toFixed(1).padStart(9)} ${((100 * ms) / totalMs).toFixed(1).padStart(5)} %  ${name}`,
      )
    }
  }
}

cleanUpOnSignals()
try {
  await profile()
} finally {
  await cleanUp()
  await closeClient()
}
