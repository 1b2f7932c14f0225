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

/** The id is taken, and `if_exists` is `raise` (contract 4.1). */
export const threadExists = defineError({
  code: 'thread_exists',
  status: 409,
  message: () => 'Thread already exists',
})
