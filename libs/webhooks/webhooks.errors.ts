import { defineError } from '#kernel'

/** The webhook of a request breaks a rule; the detail names the field, the rule and the key that set it. */
export const webhookRefused = defineError({
  code: 'webhook_refused',
  status: 422,
  message: (detail: string) => detail,
})
