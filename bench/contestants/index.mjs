// Who is measured, under the names that results and page use.
import { startBare } from './bare.mjs'
import { devServerOnFresh } from './dev-server.mjs'
import { signalboxOnFresh } from './signalbox.mjs'

/** Columns of the tables. */
export const LABELS = {
  embedded: 'Signalbox, embedded',
  postgres: 'Signalbox, PostgreSQL',
  reference: 'dev server',
  bareNone: 'bare, no checkpointer',
  bareMemory: 'bare, MemorySaver',
  bareEmbedded: 'bare, PostgresSaver on embedded',
  barePostgres: 'bare, PostgresSaver',
}

export const SERVERS = ['embedded', 'postgres', 'reference']
export const BARE = ['bareNone', 'bareMemory', 'bareEmbedded', 'barePostgres']

/**
 * Starts one on a fresh database or folder.
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {string} id
 * @param {{ runs?: number, environment?: Record<string, string> }} [how] runs: how many at once, where a server has such a limit
 */
export function startContestant(workbench, id, { runs = 10, environment = {} } = {}) {
  if (id === 'reference') return devServerOnFresh(workbench, { jobs: runs })
  if (BARE.includes(id)) return startBare(workbench, id)
  return signalboxOnFresh(workbench, id, { environment: { SIGNALBOX_MAX_RUNS: String(runs), ...environment } })
}

/**
 * Starts all of them one after the other, does the work with those that are there, and stops them for certain.
 * @template T
 * @param {import('../section.mjs').Section} section told of those that cannot be started
 * @param {readonly string[]} ids
 * @param {Parameters<typeof startContestant>[2]} how
 * @param {(contestants: any[]) => Promise<T>} work
 */
export async function withContestants(section, ids, how, work) {
  const contestants = []
  try {
    for (const id of ids) {
      await section.attempt(id, async () => contestants.push(await startContestant(section.workbench, id, how)))
    }
    return await work(contestants)
  } finally {
    for (const contestant of contestants) await section.attempt(contestant.id, () => contestant.stop())
  }
}
