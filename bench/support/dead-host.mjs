// One delivery for a healthy host behind ten thousand for a host that takes connections and never answers.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { addPending, withPool } from './databases.mjs'
import { startServer } from './processes.mjs'

const PENDING = 10_000
const BODY_BYTES = 1_500

/** Prints how long after the server's readiness the healthy host had its webhook. */
export async function measureDeadHost(database, receiver) {
  const dead = createServer().listen(0, '127.0.0.1')
  await once(dead, 'listening')
  const deadUrl = `http://127.0.0.1:${dead.address().port}/`
  await withPool(database, async (pool) => {
    await addPending(pool, { count: PENDING, url: deadUrl, hostKey: new URL(deadUrl).origin, bodyBytes: BODY_BYTES })
    const url = receiver.url()
    await addPending(pool, { count: 1, url, hostKey: new URL(url).origin, bodyBytes: BODY_BYTES })
  })
  const told = receiver.expect(1).then(() => performance.now())
  const server = await startServer(database.dir, database.environment)
  const readyAt = performance.now()
  const ms = Math.max(0, (await told) - readyAt)
  console.log(
    `\n${database.name}: behind ${PENDING} for a dead host, another host had its webhook ${ms.toFixed(0)} ms after readiness`,
  )
  await server.stop()
  dead.close()
}
