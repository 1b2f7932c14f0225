import { safeLine, safeText } from './safe-text.js'
import { bodyOf, fieldOf, type Forwarded, type ReceivedWebhook } from './received-webhook.js'

/** Headers that are shown: those of the webhook itself, never one that may hold a credential. */
const SHOWN_HEADER = /^(webhook-(id|timestamp)|x-signalbox-.*|content-type|user-agent)$/

/** For people: a line about the webhook, one about its delivery, and the body. */
export function renderText(webhook: ReceivedWebhook): string {
  const body = bodyOf(webhook)
  const { headers } = webhook
  const head = [
    webhook.receivedAt.toISOString(),
    fieldOf(body, 'status'),
    `run ${fieldOf(body, 'run_id')}`,
    `signature ${webhook.signature}`,
    `POST ${webhook.path}${outcomeOf(webhook.forwarded)}`,
  ]
  const delivery = [
    `webhook-id ${headers['webhook-id'] ?? '-'}`,
    `attempt ${headers['x-signalbox-attempt'] ?? '-'}`,
    `thread ${headers['x-signalbox-thread-status'] ?? '-'}`,
  ]
  const shown = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  return `${safeLine(head.join('  '))}\n  ${safeLine(delivery.join('  '))}\n${safeText(shown)}\n\n`
}

/** For programs: one line of JSON. */
export function renderJson(webhook: ReceivedWebhook): string {
  const { receivedAt, path, headers, signature, forwarded } = webhook
  const shown = Object.entries(headers).filter(([name]) => SHOWN_HEADER.test(name))
  const line = {
    received_at: receivedAt.toISOString(),
    path,
    headers: Object.fromEntries(shown),
    signature,
    ...(forwarded && { forwarded: wireForwarded(forwarded) }),
    body: bodyOf(webhook),
  }
  return `${safeLine(JSON.stringify(line))}\n`
}

function outcomeOf(forwarded: Forwarded | null): string {
  if (forwarded === null) return ''
  const outcome = 'status' in forwarded ? String(forwarded.status) : forwarded.failed
  return ` → ${outcome} (${forwarded.durationMs} ms)`
}

function wireForwarded(forwarded: Forwarded): object {
  const { durationMs: duration_ms } = forwarded
  return 'status' in forwarded ? { status: forwarded.status, duration_ms } : { error: forwarded.failed, duration_ms }
}
