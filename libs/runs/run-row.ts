import type { JsonObject } from '#kernel'
import type { MultitaskStrategy, Run, RunKwargs, RunStatus, StopWish } from './run.js'

/** A row of `runs` as PostgreSQL gives it. */
export interface RunRow {
  readonly run_id: string
  readonly thread_id: string
  readonly assistant_id: string
  readonly status: RunStatus
  readonly metadata: JsonObject
  readonly kwargs: RunKwargs
  readonly injected: JsonObject
  readonly multitask_strategy: MultitaskStrategy
  readonly webhook: string | null
  readonly temporary: boolean
  readonly attempt: number
  readonly handed_back: number
  readonly claimed_by: string | null
  readonly cancel_action: StopWish | null
  readonly error: { error: string; message: string } | null
  readonly created_at: Date
  readonly updated_at: Date
  readonly started_at: Date | null
}

/** What is read of a row: named, so that a column which a newer version adds changes nothing. */
export const RUN_COLUMNS = (
  [
    'run_id',
    'thread_id',
    'assistant_id',
    'status',
    'metadata',
    'kwargs',
    'injected',
    'multitask_strategy',
    'webhook',
    'temporary',
    'attempt',
    'handed_back',
    'claimed_by',
    'cancel_action',
    'error',
    'created_at',
    'updated_at',
    'started_at',
  ] satisfies (keyof RunRow)[]
)
  .map((column) => `runs.${column}`)
  .join(', ')

/** The run in a row. */
export function fromRunRow(row: RunRow): Run {
  return {
    runId: row.run_id,
    threadId: row.thread_id,
    assistantId: row.assistant_id,
    status: row.status,
    metadata: row.metadata,
    kwargs: row.kwargs,
    injected: row.injected,
    multitaskStrategy: row.multitask_strategy,
    webhook: row.webhook,
    temporary: row.temporary,
    attempt: row.attempt,
    handedBack: row.handed_back,
    claimedBy: row.claimed_by,
    cancelAction: row.cancel_action,
    error: row.error,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
  }
}
