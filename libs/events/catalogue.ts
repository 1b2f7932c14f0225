import type { JsonObject } from '#kernel'

/** How a run ended (contract 7.1); `rollback` runs have no row any more. */
export type FinalRunStatus = 'success' | 'error' | 'timeout' | 'interrupted' | 'rollback'

/** What the thread is once the run has settled, were no other run queued (contract 7.2). */
export type SettledThreadStatus = 'idle' | 'interrupted' | 'error'

/** A run in its wire form (contract 2.3), redacted: nothing in it is secret. */
export interface WireRun {
  readonly run_id: string
  readonly thread_id: string
  readonly assistant_id: string
  readonly created_at: string
  readonly updated_at: string
  readonly metadata: Record<string, unknown>
  readonly status: string
  readonly kwargs: Record<string, unknown>
  readonly multitask_strategy: string
}

/**
 * A run has ended. Carries all that a subscriber in the transaction must store, so that it only computes and writes:
 * values were read and serialised before the transaction was opened (design section 5).
 */
export interface RunFinished {
  readonly run: WireRun
  readonly status: FinalRunStatus
  /** JSON text of the thread's state values, storable in PostgreSQL; null when there are none. */
  readonly valuesJson: string | null
  readonly error: { readonly error: string; readonly message: string } | null
  /** Null for a run that ended before it started. */
  readonly startedAt: Date | null
  readonly endedAt: Date
  readonly webhook: string | null
  readonly threadStatus: SettledThreadStatus
  /** The thread's, also where it goes with the run: by them it is judged who may see the result. */
  readonly threadMetadata: JsonObject
}

/** Every fact of the program: name → payload. In-process; across processes only ids travel. */
export interface EventCatalogue {
  'run.created': { readonly runId: string; readonly threadId: string; readonly dueAt: Date }
  'run.finished': RunFinished
  /** A worker that stops has given a run back to the queue. */
  'run.handedBack': { readonly runId: string }
  'run.cancelRequested': { readonly runId: string; readonly threadId: string }
  /**
   * Told while the assistant's row still stands, locked against new runs. `deletesThread` says by their metadata which of
   * its threads go with it; null is none.
   */
  'assistant.deleted': {
    readonly assistantId: string
    readonly deletesThread: ((metadata: JsonObject) => boolean) | null
  }
  'thread.deleted': { readonly threadId: string }
  /**
   * A client changed the thread's state, or made it with one; no run did. `checkpointId` is the new checkpoint's of the
   * root graph; null when it is a subgraph's.
   */
  'thread.stateUpdated': { readonly threadId: string; readonly checkpointId: string | null }
  /** A cron was made or changed: what is due next may be sooner. */
  'cron.changed': { readonly cronId: string }
  /** An occurrence of a cron has made a run. `dueAt`: when it was to be. */
  'cron.fired': { readonly cronId: string; readonly runId: string; readonly dueAt: Date }
  'webhook.queued': { readonly deliveryId: string }
  /** `latencyMs`: from the run's end to the stored outcome. */
  'webhook.delivered': { readonly deliveryId: string; readonly runId: string; readonly latencyMs: number }
  'webhook.cancelled': { readonly count: number }
  /** The run-time switch of webhooks was turned, or confirmed. */
  'webhook.settingsChanged': { readonly disabled: boolean }
  'webhook.died': {
    readonly deliveryId: string
    readonly runId: string
    readonly hostKey: string
    readonly errorCode: string | null
    readonly httpStatus: number | null
    readonly attempts: number
  }
}

/** The name of a fact. */
export type EventName = keyof EventCatalogue
