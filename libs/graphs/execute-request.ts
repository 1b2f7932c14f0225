import type { JsonObject } from '#kernel'
import type { RunCommand } from './run-command.js'
import type { StreamMode } from './stream-mode.js'

/** Nodes to stop at: all, some, or as the graph itself was compiled. */
export type Breakpoints = '*' | readonly string[] | null

/** One attempt of one run. */
export interface ExecuteRequest {
  readonly runId: string
  readonly threadId: string
  readonly assistantId: string
  readonly graphId: string
  /** 1 for the first. From the second on, a run that left a checkpoint goes on from it (contract 5.4). */
  readonly attempt: number
  /** Null goes on from the thread's state. */
  readonly input: unknown
  /** Goes before `input`. */
  readonly command: RunCommand | null
  /** `tags`, `recursion_limit`, `max_concurrency`, `configurable`, `metadata` (contract 2.3); the rest is not used. */
  readonly config: JsonObject
  readonly context: JsonObject
  readonly streamModes: readonly StreamMode[]
  readonly streamSubgraphs: boolean
  readonly interruptBefore: Breakpoints
  readonly interruptAfter: Breakpoints
  readonly durability: 'sync' | 'async' | 'exit'
  /** Keeps its checkpoints in memory for the length of this attempt (contract 7.3). */
  readonly temporary: boolean
}

/** Where an attempt's parts go, and what ends it early. */
export interface ExecuteHooks {
  readonly signal: AbortSignal
  /** Whether the graph may write checkpoints now; always, when absent. False once another process may have the run. */
  readonly mayWrite?: () => Promise<boolean>
  /** Called in order, and never again once `execute` has returned. */
  onPart(part: StreamPart): void
}

/** One event of a run's stream, without its id (contract 6.3). */
export interface StreamPart {
  /** The mode's name, with `|node:task id` behind it for parts of a subgraph. */
  readonly event: string
  /** One compact JSON document. */
  readonly json: string
}

/** The thread's state once an attempt has ended. Every text is JSON that PostgreSQL can store. */
export interface SettledState {
  readonly valuesJson: string
  /** Nodes that would run next; empty when the graph is done. */
  readonly next: readonly string[]
  /** JSON object: task id → its interrupts; `{}` when there are none. */
  readonly interruptsJson: string
}

/** How an attempt ended. Every text is JSON that PostgreSQL can store. */
export interface ExecuteOutcome {
  /** An interrupt of the graph is a `success` (contract 7.1). */
  readonly status: 'success' | 'error' | 'aborted'
  readonly error: { readonly error: string; readonly message: string } | null
  /** The last snapshot of the root graph's values; null when it gave none. */
  readonly lastValuesJson: string | null
  /** JSON array of the interrupts the attempt ended with, `[]` for a static breakpoint; null when it met none. */
  readonly interruptsJson: string | null
  /** Null when the thread has no checkpoint, or its graph could not be made. */
  readonly state: SettledState | null
}
