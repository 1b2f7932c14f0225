import type { FinalRunStatus, SettledThreadStatus } from '#events'
import type { ExecuteOutcome, SettledState } from '#graphs'
import type { StopWish } from './run.js'

/** How a run ends, worked out before the transaction that stores it is opened. */
export interface RunEnding {
  readonly status: FinalRunStatus
  readonly error: { readonly error: string; readonly message: string } | null
  /** The thread's state at the end; null when the run wrote none or never started. */
  readonly state: SettledState | null
  /** The run was deleted while it was pending or running. */
  readonly isDeleted?: true
}

/** Why the worker stopped a graph: a time limit, or nothing of the worker's own doing. */
export interface StopReason {
  /** The limit that was reached, in ms; null when none was. */
  readonly timedOutAfterMs: number | null
}

/** What the graph's outcome means for the run (contract 7.1). A stored wish to cancel outranks it. */
export function endingOf(outcome: ExecuteOutcome, { timedOutAfterMs }: StopReason): RunEnding {
  const { state } = outcome
  if (timedOutAfterMs !== null) return { status: 'timeout', error: timeoutError(timedOutAfterMs), state }
  if (outcome.status === 'error') return { status: 'error', error: outcome.error, state }
  return { status: outcome.status === 'success' ? 'success' : 'interrupted', error: null, state }
}

/** The ending of a run that somebody has asked to stop, whatever the graph made of it meanwhile. */
export function cancelledEnding(wish: StopWish, state: SettledState | null): RunEnding {
  if (wish === 'rollback') return { status: 'rollback', error: null, state: null }
  const interrupted = { status: 'interrupted', error: null, state } as const
  return wish === 'delete' ? { ...interrupted, isDeleted: true } : interrupted
}

/** Whether the run's row goes, and all that it wrote with it: the thread is then what it was before. */
export function undoesRun({ status, isDeleted }: RunEnding): boolean {
  return status === 'rollback' || isDeleted === true
}

/** The ending of a run whose process was lost too often (contract 5.4). */
export function exhaustedEnding(runId: string, state: SettledState | null): RunEnding {
  return {
    status: 'error',
    error: { error: 'MaxAttemptsExceeded', message: `Run ${runId} exceeded max attempts` },
    state,
  }
}

/** The thread's status once the run has settled, were no other run queued (contract 7.2). */
export function settledThreadStatus(ending: RunEnding, before: SettledThreadStatus): SettledThreadStatus {
  if (ending.status === 'error' || ending.status === 'timeout') return 'error'
  if (ending.state && !undoesRun(ending)) return ending.state.next.length > 0 ? 'interrupted' : 'idle'
  return before === 'interrupted' ? 'interrupted' : 'idle'
}

function timeoutError(limitMs: number): { error: string; message: string } {
  return { error: 'TimeoutError', message: `Run exceeded its time limit of ${limitMs} ms` }
}
