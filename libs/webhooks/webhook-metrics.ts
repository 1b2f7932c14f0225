import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Database } from '#database'
import { Clock, type Figure, MetricSources } from '#kernel'
import { WebhooksRepository } from './webhooks.repository.js'

/** Offers the figures of the outbox. */
@Injectable()
export class WebhookMetrics implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly database: Database,
    private readonly repository: WebhooksRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sources.add('webhooks', () => this.#read())
  }

  async #read(): Promise<Figure[]> {
    const now = this.clock.now()
    const { queued, retrying, delivering, dead, openBreakers, oldestDue } = await this.repository.backlog(
      this.database,
      now,
    )
    const ageSeconds = oldestDue ? (now.getTime() - oldestDue.getTime()) / 1000 : 0
    const figure = (key: string, help: string, value: number): Figure => {
      return { name: `signalbox_webhooks_${key}`, help, value, at: ['webhooks', key] }
    }
    return [
      figure('queued', 'Deliveries that wait for their first attempt.', queued),
      figure('retrying', 'Deliveries that wait for a further attempt.', retrying),
      figure('delivering', 'Deliveries that are being sent.', delivering),
      figure('open_breakers', 'Hosts that are held back because they fail.', openBreakers),
      figure('dead', 'Deliveries that were given up.', dead),
      figure('oldest_due_age_seconds', 'Seconds since the oldest due delivery fell due.', ageSeconds),
    ]
  }
}
