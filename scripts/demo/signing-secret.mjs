import { randomBytes } from 'node:crypto'

/** A fresh secret of Standard Webhooks, `whsec_` and 32 bytes in base64. */
export function newSigningSecret() {
  return `whsec_${randomBytes(32).toString('base64')}`
}
