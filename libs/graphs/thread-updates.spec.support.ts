import { Checkpoints } from './checkpoints.js'
import type { CompiledGraph } from './compiled-graph.js'
import { execute, serve } from './executor.spec.support.js'
import type { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'
import type { CheckpointRef } from './state-address.js'
import { type HistoryOptions, ThreadStates } from './thread-states.js'
import { type StateUpdate, type Superstep, ThreadUpdates } from './thread-updates.js'
import { openTestDatabase, type TestDatabase } from '#testing'

/** One graph on a real saver. */
export interface ServedGraph {
  run(threadId: string, part: Parameters<typeof execute>[1]): ReturnType<typeof execute>
  /** Works an update out and stores it. */
  update(threadId: string, supersteps: readonly Superstep[], at?: CheckpointRef): Promise<string>
  readonly updates: ThreadUpdates
  state(threadId: string, at?: CheckpointRef): ReturnType<ThreadStates['read']>
  history(threadId: string, options?: Partial<HistoryOptions>): ReturnType<ThreadStates['history']>
}

/** A database with the saver's tables. */
export interface UpdatesGround {
  readonly db: TestDatabase
  readonly checkpoints: Checkpoints
  /** How many rows of the thread stand in each table of the saver: checkpoints, writes, blobs. */
  count(threadId: string): Promise<number[]>
  serve(graph: unknown, graphStore?: GraphStore): Promise<ServedGraph>
}

/** Opens it; the caller closes the database. */
export async function openGround(): Promise<UpdatesGround> {
  const db = await openTestDatabase()
  const checkpoints = new Checkpoints({ pool: db.pool })
  await checkpoints.setup()
  return {
    db,
    checkpoints,
    async count(threadId) {
      const counts: number[] = []
      for (const table of ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']) {
        const sql = `SELECT count(*)::int AS n FROM langgraph.${table} WHERE thread_id = $1`
        const { rows } = await db.database.query<{ n: number }>(sql, [threadId])
        counts.push(rows[0]?.n ?? -1)
      }
      return counts
    },
    async serve(graph, graphStore = new GraphStore()) {
      const { executor } = await serve(graph, checkpoints.saver)
      const registry = { get: () => Promise.resolve(graph as CompiledGraph) } as unknown as GraphRegistry
      const states = new ThreadStates(registry, checkpoints)
      const updates = new ThreadUpdates(registry, checkpoints, graphStore)
      const ref = (threadId: string) => ({ threadId, graphId: 'agent', assistantId: null, config: {} })
      return {
        run: (threadId, part) => execute(executor, { threadId, ...part }),
        updates,
        async update(threadId, supersteps, at = {}) {
          const { staged, checkpoint } = await updates.prepare(ref(threadId), supersteps, at)
          await db.unitOfWork.run((tx) => checkpoints.store(tx, threadId, staged))
          return checkpoint.checkpoint_id
        },
        state: (threadId, at = {}) => states.read(ref(threadId), at),
        history: (threadId, options = {}) => states.history(ref(threadId), { limit: 100, ...options }),
      }
    },
  }
}

/** A write of a node. */
export const as = (asNode: string | null, values: unknown): StateUpdate => ({ values, asNode })
