import { openPool } from '#database'
import { JsonLogger } from '#kernel'
import type { TestDatabaseSettings } from '#testing'

/** A thread as its row says, with its runs in the order of their making. */
export interface ThreadRecord {
  readonly threadId: string
  readonly log: readonly string[]
  readonly runs: readonly { readonly status: string; readonly graph: string }[]
}

/** What each graph of the load adds to its thread's log when it comes to its end. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = { steps: ['first', 'second'], echo: ['echo'] }

/** The threads that have runs. */
export async function auditThreads(settings: TestDatabaseSettings['settings']): Promise<readonly ThreadRecord[]> {
  const pool = await openPool(settings, JsonLogger.create('silent'), { isShared: true })
  try {
    const { rows } = await pool.query<ThreadRecord>(
      `SELECT thread_id AS "threadId", coalesce(threads.values -> 'log', '[]') AS log,
         json_agg(json_build_object('status', runs.status, 'graph', injected ->> 'graph_id') ORDER BY runs.created_at) AS runs
       FROM threads JOIN runs USING (thread_id) GROUP BY thread_id`,
    )
    return rows
  } finally {
    await pool.end()
  }
}

/**
 * Whether the runs alone have written the log, each once: all its entries where it succeeded, else its first ones. What
 * a worker writes that has lost its run shows as an entry too many.
 */
export function isWrittenBy(log: readonly string[], runs: ThreadRecord['runs']): boolean {
  const [run, ...later] = runs
  if (!run) return log.length === 0
  const entries = ENTRIES[run.graph] ?? []
  for (let count = run.status === 'success' ? entries.length : 0; count <= entries.length; count += 1) {
    const isPrefix = entries.slice(0, count).every((entry, place) => log[place] === entry)
    if (isPrefix && isWrittenBy(log.slice(count), later)) return true
  }
  return false
}
