import { defineError } from '#kernel'

/** No cron of this id (contract 8.2). */
export const cronNotFound = defineError({
  code: 'cron_not_found',
  status: 404,
  message: (cronId: string) => `Cron '${cronId}' not found`,
})

/** A cron names neither an assistant nor a graph (contract 8.1). */
export const cronAssistantNotFound = defineError({
  code: 'cron_assistant_not_found',
  status: 404,
  message: (id: string) => `Assistant '${id}' not found`,
})

/** The thread of a new cron is not there (contract 8.1). */
export const cronThreadNotFound = defineError({
  code: 'cron_thread_not_found',
  status: 404,
  message: (threadId: string) => `Thread with ID '${threadId}' not found`,
})

/** The schedule cannot be read, never comes, or stands in a zone that there is not (contract 8.1). */
export const invalidCronSchedule = defineError({
  code: 'invalid_cron_schedule',
  status: 422,
  message: (schedule: string, reason: string) => `Invalid cron schedule: '${schedule}'. Reason: ${reason}`,
})

/** A change without a body, or with an empty one (contract 8.2). */
export const emptyCronUpdate = defineError({
  code: 'empty_cron_update',
  status: 400,
  message: () => 'Request body cannot be empty',
})

/** A change that names nothing that can be changed (contract 8.2). */
export const noCronFields = defineError({
  code: 'no_cron_fields',
  status: 400,
  message: () => 'No fields to update',
})
