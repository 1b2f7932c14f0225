import type { SettledThreadStatus } from '#events'
import type { WebhookHeader } from '#config'
import { type SignedContent, signWebhook } from './signature.js'

/** What the headers of one attempt are made from. */
export interface HeaderSource {
  readonly content: SignedContent
  readonly attempt: number
  readonly threadStatus: SettledThreadStatus
  readonly keys: readonly Buffer[]
  readonly configured: readonly WebhookHeader[]
  /** Version of this package. */
  readonly version: string
}

/**
 * The request's headers (webhooks contract section 3). A configured header replaces one of ours of the same name only
 * for `user-agent` and `accept`; the others are reserved when the configuration is read.
 */
export function buildRequestHeaders(source: HeaderSource): Record<string, string> {
  const { content, keys } = source
  const headers = new Map([
    ['accept', 'application/json, text/plain, */*'],
    ['user-agent', `signalbox/${source.version}`],
  ])
  for (const { name, value } of source.configured) headers.set(name.toLowerCase(), value)
  headers
    .set('content-type', 'application/json')
    .set('accept-encoding', 'identity')
    .set('webhook-id', content.id)
    .set('webhook-timestamp', content.timestamp)
    .set('x-signalbox-attempt', String(source.attempt))
    .set('x-signalbox-thread-status', source.threadStatus)
  if (keys.length > 0) headers.set('webhook-signature', signWebhook(content, keys))
  return Object.fromEntries(headers)
}
