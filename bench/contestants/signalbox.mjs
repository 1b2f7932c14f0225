// Signalbox as it is packed, in a process of its own, on a fresh database.
import { embedded, postgres } from '../support/databases.mjs'
import { fillHistory } from '../support/history.mjs'
import { makeThread, waitOnThread } from '../support/runs.mjs'
import { startServerProcess } from '../support/server-process.mjs'

/** @typedef {import('../support/server-process.mjs').Server} Server */

/**
 * A fresh database of either kind.
 * @param {'embedded' | 'postgres'} kind
 * @throws Error when there is no PostgreSQL server
 */
export async function freshDatabase(kind) {
  const database = await (kind === 'embedded' ? embedded() : postgres())
  if (database === null) throw new Error('PostgreSQL cannot be reached')
  return database
}

/**
 * `signalbox start` on a database that is there.
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {Awaited<ReturnType<typeof freshDatabase>>} database
 * @param {{ environment?: Record<string, string>, options?: string[], nodeOptions?: string[],
 *   ready?: 'answers' | 'lives' }} [how]
 * @returns {Promise<Server>}
 */
export function startSignalbox(workbench, database, { environment = {}, options = [], nodeOptions = [], ready } = {}) {
  return startServerProcess({
    command: process.execPath,
    args: (port) => [
      ...nodeOptions,
      workbench.command,
      'start',
      `--config=${workbench.project}/langgraph.json`,
      `--port=${port}`,
      `--data-dir=${database.dir}`,
      ...options,
    ],
    cwd: workbench.project,
    environment: { SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', ...database.environment, ...environment },
    log: workbench.log(`signalbox-${database.name}`),
    ready,
  })
}

/**
 * Fills a fresh database with a past: a first start makes the schema and the system's assistants, and shows what a run is
 * stored with.
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {Awaited<ReturnType<typeof freshDatabase>>} database
 * @param {number} count of runs, and of deliveries
 */
export async function givePast(workbench, database, count) {
  const first = await startSignalbox(workbench, database)
  await waitOnThread(first, await makeThread(first))
  await first.stop()
  await fillHistory(database, count)
}

/**
 * A server on a fresh database, which goes with it.
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {'embedded' | 'postgres'} kind
 * @param {Parameters<typeof startSignalbox>[2]} [how]
 * @param {number} [past] so many finished runs and deliveries are in the tables before
 */
export async function signalboxOnFresh(workbench, kind, how, past = 0) {
  const database = await freshDatabase(kind)
  try {
    if (past > 0) await givePast(workbench, database, past)
    const server = await startSignalbox(workbench, database, how)
    const stop = async () => {
      await server.stop()
      await database.remove()
    }
    return { ...server, kind: 'server', id: kind, database, stop }
  } catch (error) {
    await database.remove()
    throw error
  }
}
