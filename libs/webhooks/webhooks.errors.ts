import { defineError } from '#kernel'

/** The webhook of a request breaks a rule; the detail names the field, the rule and the key that set it. */
export const webhookRefused = defineError({
  code: 'webhook_refused',
  status: 422,
  message: (detail: string) => detail,
})

/** The admin key is set, and missing or wrong in the request (webhooks contract section 6). */
export const adminKeyRequired = defineError({
  code: 'admin_key_required',
  status: 401,
  message: (detail: string) => detail,
})

/** No admin key is set, and whoever asks does not stand at the machine itself; the detail says what to set. */
export const adminForbidden = defineError({
  code: 'admin_forbidden',
  status: 403,
  message: (detail: string) => detail,
})

/** The switch cannot overrule the configuration (webhooks contract section 4). */
export const webhooksOffByFile = defineError({
  code: 'webhooks_off_by_file',
  status: 409,
  message: () => 'Webhooks are switched off by http.disable_webhooks of the configuration, which is final',
})
