import type { RunFinished } from '#events'

/**
 * The bytes of a webhook: the run in its wire form with its final status, then `values`, `error`, the times
 * (webhooks contract section 3). Built once and frozen; every attempt sends the same bytes. Above `maxBytes` the
 * values are left out, then the input.
 * @throws Error when the run cannot be written as JSON.
 */
export function buildWebhookBody(event: RunFinished, now: Date, maxBytes: number): Buffer {
  const forms: readonly (() => string)[] = [
    () => render(event, now, event.valuesJson),
    () => render(event, now, null),
    () => render(withoutInput(event), now, null),
  ]
  let body = Buffer.alloc(0)
  for (const form of forms) {
    body = Buffer.from(form())
    if (body.length <= maxBytes) return body
  }
  return body
}

/** `valuesJson` null where the event has values means that they were too large. */
function render(event: RunFinished, now: Date, valuesJson: string | null): string {
  const head = JSON.stringify({ ...event.run, status: event.status })
  const tail = JSON.stringify({
    ...(event.valuesJson !== null && valuesJson === null && { values_omitted: 'too_large' }),
    ...(isFailure(event) && event.error && { error: event.error.message }),
    run_started_at: event.startedAt?.toISOString() ?? null,
    run_ended_at: event.endedAt.toISOString(),
    webhook_sent_at: now.toISOString(),
  })
  const values = valuesJson === null ? '' : `"values":${valuesJson},`
  // The values are JSON text already: they are put between the other fields without being read again.
  return `${head.slice(0, -1)},${values}${tail.slice(1)}`
}

function isFailure(event: RunFinished): boolean {
  return event.status === 'error' || event.status === 'timeout'
}

function withoutInput(event: RunFinished): RunFinished {
  const { input: _, ...kwargs } = event.run.kwargs
  return { ...event, run: { ...event.run, kwargs } }
}
