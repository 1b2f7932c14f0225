import type { ReceivedRequest, Receiver } from '#testing'

/** What of a webhook's body the tests look at. */
export interface WebhookBody {
  readonly run_id: string
  readonly status: string
  readonly values?: Record<string, unknown>
  readonly error?: string
}

/** How long webhooks may take to come, in ms. */
const PATIENCE_MS = 45_000

/** The webhooks that came to a receiver, by run. */
export class WebhookLog {
  constructor(private readonly receiver: Receiver) {}

  /** Every request that carried this run, duplicates included. */
  of(runId: string): readonly ReceivedRequest[] {
    return this.receiver.requests.filter((request) => bodyOf(request).run_id === runId)
  }

  /** Ids of all runs of which a webhook came. */
  runIds(): ReadonlySet<string> {
    return new Set(this.receiver.requests.map((request) => bodyOf(request).run_id))
  }

  /** The body of the run's webhook, as soon as it has come. @throws Error when it does not come. */
  async first(runId: string): Promise<WebhookBody> {
    await this.all([runId])
    return bodyOf(this.of(runId)[0] as ReceivedRequest)
  }

  /** Resolves once a webhook of each of these runs has come. @throws Error naming those that did not. */
  async all(runIds: readonly string[]): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const come = this.runIds()
      const missing = runIds.filter((runId) => !come.has(runId))
      if (missing.length === 0) return
      if (Date.now() > deadline) throw new Error(`no webhook of ${missing.length} runs, for example ${missing[0]}`)
      await this.receiver.waitFor(this.receiver.requests.length + 1).catch(() => undefined)
    }
  }
}

/** A webhook's body as JSON. */
export function bodyOf({ body }: ReceivedRequest): WebhookBody {
  return JSON.parse(body.toString('utf8')) as WebhookBody
}
