import type { JsonObject } from '#kernel'

/** Where a run stands (contract 7.1). */
export type RunStatus = 'pending' | 'running' | 'success' | 'error' | 'timeout' | 'interrupted'

/** Every status, for validation. */
export const RUN_STATUSES: readonly RunStatus[] = ['pending', 'running', 'success', 'error', 'timeout', 'interrupted']

/** How a run is cancelled: keep what it did, or undo it with its row (contract 5.5, 5.11). */
export type CancelAction = 'interrupt' | 'rollback'

/** How a run is to be stopped: cancelled, or ended as by `interrupt` and deleted with all that it wrote (contract 5.10). */
export type StopWish = CancelAction | 'delete'

/** What to do with the runs under way on the thread when a new one is asked for (contract 5.5). */
export type MultitaskStrategy = 'reject' | 'enqueue' | 'interrupt' | 'rollback'

/** Where a run is found. */
export interface RunPlace {
  readonly runId: string
  readonly threadId: string
  /** A stateless run whose thread goes with its end. */
  readonly temporary: boolean
}

/** A stateless run that has ended: its rows are gone, its result is still known. */
export interface GoneRun extends RunPlace {
  /** Those of its thread, which went with it. */
  readonly threadMetadata: JsonObject
}

/** A row of the table `runs`. */
export interface Run extends RunPlace {
  readonly assistantId: string
  readonly status: RunStatus
  readonly metadata: JsonObject
  readonly kwargs: RunKwargs
  /** What the request's headers put into `config.configurable`; never shown as a whole. */
  readonly injected: JsonObject
  readonly multitaskStrategy: MultitaskStrategy
  readonly webhook: string | null
  /** How often it was claimed. */
  readonly attempt: number
  /** How many of the claims ended by a shutdown: they do not count as attempts. */
  readonly handedBack: number
  readonly claimedBy: string | null
  /** The stored wish to stop it while it runs. */
  readonly cancelAction: StopWish | null
  /** Why it failed. */
  readonly error: { readonly error: string; readonly message: string } | null
  /** The scheduled start of a delayed run. */
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly startedAt: Date | null
}

/** A run that a transaction has locked, on a thread that it has locked before. */
export interface LockedRun extends Run {
  /** Whether other runs of its thread are pending (also delayed) or running. */
  readonly hasOthers: boolean
}

/** How the run was asked for, after merging with its assistant and thread (contract 2.3). Stored as it is. */
export interface RunKwargs {
  readonly input: unknown
  readonly command: JsonObject | null
  readonly config: JsonObject
  readonly context: JsonObject
  readonly stream_mode: readonly string[]
  readonly interrupt_before: '*' | readonly string[] | null
  readonly interrupt_after: '*' | readonly string[] | null
  readonly webhook: string | null
  readonly feedback_keys: readonly string[] | null
  readonly temporary: boolean
  readonly subgraphs: boolean
  readonly resumable: boolean
  readonly durability: 'sync' | 'async' | 'exit'
}
