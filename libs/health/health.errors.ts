import { ADMIN_KEY_WANTED } from '#http'
import { defineError } from '#kernel'

/** `GET /ok?check_db=1`: the storage does not answer (contract section 10). */
export const storageAway = defineError({
  code: 'storage_away',
  status: 500,
  level: 'warn',
  message: (reason: string) => `The database ${reason}`,
})

/** `GET /metrics` without the admin key, where one is set. */
export const metricsClosed = defineError({
  code: 'metrics_closed',
  status: 401,
  message: () => ADMIN_KEY_WANTED,
})
