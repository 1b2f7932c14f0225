// Deliveries per second from a backlog, between two bare loops whose mean is the measure.
import { CLAIM_DUE } from '../../dist/libs/webhooks/webhooks.sql.js'
import { addDelivered, addPending, withPool } from './databases.mjs'
import { bareLoop, startServer } from './processes.mjs'
import { within } from './within.mjs'

const BODY_BYTES = 1_500
/** What one host gets at most at once, of the server and of the bare loop. */
const CONCURRENCY = 16
const DRAIN_SECONDS = 300

/** Prints a row for the empty tables, and one with the history in them. */
export async function measureBacklog(database, receiver, { backlog, history, plan }) {
  console.log(`\n${database.name}: ${backlog} deliveries of ${BODY_BYTES} bytes for one host\n`)
  console.log('| rows before | deliveries/s | bare loop/s | ratio |\n|---|---|---|---|')
  const empty = await drain(database, receiver, backlog)
  report(0, empty)
  if (history > 0) {
    await withPool(database, (pool) => addDelivered(pool, { count: history - backlog, ...target(receiver) }))
    const full = await drain(database, receiver, backlog)
    report(history, full)
    console.log(`\nwith the history: ${((100 * full.ratio) / empty.ratio).toFixed(0)} % of the ratio on empty tables`)
  }
  if (plan) await printPlan(database, receiver)
}

/**
 * Fills the outbox while no server is there, starts one, and times it between two bare loops.
 * @param {any} database
 * @param {any} receiver
 * @param {number} count
 * @param {() => Promise<{ stop: () => Promise<void> }>} [start]
 */
export async function drain(database, receiver, count, start = () => startServer(database.dir, database.environment)) {
  await withPool(database, (pool) => addPending(pool, { count, ...target(receiver) }))
  const bare = { count, concurrency: CONCURRENCY, bodyBytes: BODY_BYTES }
  const before = await bareLoop(receiver, bare)
  const { requests, seconds } = await drained(receiver, count, start)
  const after = await bareLoop(receiver, bare)
  const perSecond = requests / seconds
  const barePerSecond = (before + after) / 2
  return { perSecond, barePerSecond, ratio: perSecond / barePerSecond }
}

/** Resolves when the receiver has had all of it; the server is stopped in any case. */
async function drained(receiver, count, start) {
  const told = receiver.expect(count)
  const server = await start()
  try {
    return await within(told, DRAIN_SECONDS, 'the backlog')
  } finally {
    await server.stop()
  }
}

function report(rows, { perSecond, barePerSecond, ratio }) {
  console.log(`| ${rows} | ${perSecond.toFixed(0)} | ${barePerSecond.toFixed(0)} | ${ratio.toFixed(2)} |`)
}

async function printPlan(database, receiver) {
  await withPool(database, async (pool) => {
    await addPending(pool, { count: 10_000, ...target(receiver) })
    const now = new Date()
    const values = [now, 'bench', new Date(now.getTime() + 40_000), 128, 16, [], [], [], '', 500, 65_536]
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS) ${CLAIM_DUE}`, values)
    console.log(`\nthe claim's plan with 10,000 pending:\n\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`)
  })
}

function target(receiver) {
  const url = receiver.url()
  return { url, hostKey: new URL(url).origin, bodyBytes: BODY_BYTES }
}
