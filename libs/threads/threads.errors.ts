import { defineError } from '#kernel'

/** No thread of this id (contract 4.2). */
export const threadNotFound = defineError({
  code: 'thread_not_found',
  status: 404,
  message: (threadId: string) => `Thread with ID ${threadId} not found`,
})

/** The same where a thread is patched: the contract words it so (4.3). */
export const patchedThreadNotFound = defineError({
  code: 'patched_thread_not_found',
  status: 404,
  message: () => 'Thread not found',
})

/** The same where a thread is copied: the contract words it so, and makes it a conflict (4.7). */
export const copiedThreadNotFound = defineError({
  code: 'copied_thread_not_found',
  status: 409,
  message: () => 'Thread not found',
})

/** A run is pending or running: its graph writes the state (contract 4.9). */
export const threadBusy = defineError({
  code: 'thread_busy',
  status: 409,
  message: () => 'Thread is busy',
})

/** Nothing tells which graph the thread's state belongs to (contract 4.1 and 4.9). */
export const threadHasNoGraph = defineError({
  code: 'thread_has_no_graph',
  status: 400,
  message: (threadId: string) => `Thread ${threadId} has no graph ID`,
})

/** The id is taken, and `if_exists` is `raise` (contract 4.1). */
export const threadExists = defineError({
  code: 'thread_exists',
  status: 409,
  message: () => 'Thread already exists',
})

/** One of many is not there, or not to be seen (contract 4.8). */
export const someThreadNotFound = defineError({
  code: 'some_thread_not_found',
  status: 404,
  message: () => 'At least one thread not found or not authorized',
})
