import { defineError } from './app-error.js'

/** A field of the request breaks a rule; `detail` names the field and the rule (contract 1.10). */
export const invalidRequest = defineError({
  code: 'invalid_request',
  status: 422,
  message: (detail: string) => detail,
})

/** A path or body id is not a UUID (contract 1.4). */
export const invalidId = defineError({
  code: 'invalid_id',
  status: 422,
  message: (kind: string) => `Invalid ${kind} ID: must be a UUID`,
})

/** Something outside the program's control is missing at start; the sentence says what to do. */
export const startRefused = defineError({
  code: 'start_refused',
  status: 500,
  message: (sentence: string) => sentence,
})
