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
