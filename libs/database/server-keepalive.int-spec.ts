import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { JsonLogger, SystemClock } from '#kernel'
import { freshDatabase, TEST_DATABASE } from '#testing'
import { askServer } from './ask-server.js'
import { Notifications } from './notifications.js'
import { PostgresPool } from './postgres-pool.js'

/** Of an idle connection that TCP is to ask about, in `/proc/net/tcp`; the rest of the time until then in 1/100 s. */
const KEEPALIVE_TIMER = '02'
const MAX_IDLE = 30 * 100

/** A row of `/proc/net/tcp`: ports in hexadecimal behind the addresses, and the timer. */
const ROW = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) 01 \S+ ([0-9A-F]{2}):([0-9A-F]{8})/

interface Held {
  readonly name: string
  readonly port: number
}

/** The server's end of each connection, where it is on this machine: what TCP waits for, by the client's port. */
function serverEnds(serverPort: number): Map<number, { timer: string; left: number }> {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => readFileSync(path, 'utf8').split('\n'))
  const ends = rows.flatMap((row) => {
    const [, local = '', remote = '', timer = '', left = ''] = ROW.exec(row) ?? []
    return Number.parseInt(local, 16) === serverPort
      ? [[Number.parseInt(remote, 16), { timer, left: Number.parseInt(left, 16) }] as const]
      : []
  })
  return new Map(ends)
}

it.runIf(TEST_DATABASE === 'postgres')(
  'the server asks after half a minute whether whoever holds a connection is still there',
  async ({ skip }) => {
    const fresh = await freshDatabase()
    if (fresh.settings.kind !== 'postgres') throw new Error('no server')
    const { uri } = fresh.settings
    const logger = JsonLogger.create('silent')
    const pool = await PostgresPool.open({ uri, poolSize: 1, logger, isShared: false })
    await pool.query('SELECT 1')
    const hearing = { heard: () => undefined, resumed: () => undefined }
    const notifications = new Notifications(uri, 'spec', hearing, new SystemClock(), logger)
    await notifications.open()
    try {
      const { rows } = await askServer(uri, { name: 'spec', timeoutMs: 5_000 }, (client) =>
        client.query<Held>(
          `SELECT application_name AS name, client_port AS port FROM pg_stat_activity
           WHERE datname = current_database() AND application_name LIKE 'signalbox%'`,
        ),
      )
      expect(rows.map(({ name }) => name).sort()).toEqual(['signalbox', 'signalbox guard', 'signalbox signals'])
      const serverPort = Number(new URL(uri).port)
      if (process.platform !== 'linux' || !rows.every(({ port }) => serverEnds(serverPort).has(port)))
        skip('the server is not on this machine')
      const left = ({ port }: Held) => {
        const end = serverEnds(serverPort).get(port)
        return end?.timer === KEEPALIVE_TIMER ? end.left : Infinity
      }
      await expect.poll(() => Math.max(...rows.map(left)), { timeout: 5_000 }).toBeLessThanOrEqual(MAX_IDLE)
    } finally {
      await notifications.close()
      await pool.end()
      await fresh.remove()
    }
  },
)
