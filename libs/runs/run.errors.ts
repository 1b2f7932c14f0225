import { defineError } from '#kernel'

/** No such run on this thread. */
export const runNotFound = defineError({ code: 'run_not_found', status: 404, message: () => 'Run not found' })

/** Nothing matched, or nothing of it can be cancelled any more (contract 5.12). */
export const noRunsToCancel = defineError({
  code: 'no_runs_to_cancel',
  status: 404,
  message: () => 'No runs found to cancel.',
})

/** Refused by `multitask_strategy: "reject"` (contract 5.5). */
export const threadAlreadyRunning = defineError({
  code: 'thread_already_running',
  status: 409,
  message: () => 'Thread is already running a task. Wait for it to finish or choose a different multitask strategy.',
})

/** A stateless run has no interrupt to resume (contract 5.2). */
export const resumeNeedsThread = defineError({
  code: 'resume_needs_thread',
  status: 400,
  message: () => 'You must provide a thread_id when resuming.',
})

/** The queue is as long as it may get (`SIGNALBOX_MAX_PENDING_RUNS`). A 5xx: the fault is not the caller's. */
export const runQueueFull = defineError({
  code: 'run_queue_full',
  status: 503,
  level: 'warn',
  headers: { 'retry-after': '5' },
  message: (limit: number) => `${limit} runs wait already, which is the most that this server takes`,
})

/** The thread has as many runs before it as it may (`SIGNALBOX_MAX_PENDING_PER_THREAD`). */
export const threadQueueFull = defineError({
  code: 'thread_queue_full',
  status: 429,
  headers: { 'retry-after': '5' },
  message: (limit: number) => `${limit} runs wait on the thread already, which is the most that this server takes`,
})

/** Codes of refusals that pass by themselves, for a reason that lies in the thread. */
export const PASSING_REFUSALS: ReadonlySet<string> = new Set([threadAlreadyRunning.code, threadQueueFull.code])
