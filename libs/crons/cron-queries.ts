import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, metadataIn } from '#auth'
import { Database } from '#database'
import { type Page, totalFromPage } from '#http'
import type { CronFilter, CronOrder, VisibleCrons } from './cron-filter.js'
import type { Cron } from './cron.entity.js'
import { cronNotFound } from './crons.errors.js'
import { CronsRepository } from './crons.repository.js'

/** Finds crons (contract 8.3, 8.5, 8.6). */
@Injectable()
export class CronQueries {
  constructor(
    private readonly database: Database,
    private readonly crons: CronsRepository,
    private readonly authorization: Authorization,
  ) {}

  /** @throws AppError `cron_not_found`. */
  async get(cronId: string): Promise<Cron> {
    const visibility = await this.authorization.ask('crons:read', { cron_id: cronId })
    const cron = await this.crons.find(this.database, cronId)
    if (cron === null || !isVisible(visibility, cron.metadata)) throw cronNotFound(cronId)
    return cron
  }

  /** One page of the crons that match and that the caller may see, and how many there are in all. */
  async search(query: CronFilter, order: CronOrder, page: Page): Promise<{ crons: Cron[]; total: number }> {
    const filter = await this.#visible(query, page)
    const crons = await this.crons.search(this.database, filter, order, page)
    const total = totalFromPage(crons.length, page) ?? (await this.crons.count(this.database, filter))
    return { crons, total }
  }

  async count(query: CronFilter): Promise<number> {
    return this.crons.count(this.database, await this.#visible(query, null))
  }

  async #visible(filter: CronFilter, page: Page | null): Promise<VisibleCrons> {
    const { assistantId, threadId, metadata } = filter
    const value = { assistant_id: assistantId, thread_id: threadId, metadata: { ...metadata }, ...page }
    const visibility = await this.authorization.ask('crons:search', value)
    return { ...filter, metadata: metadataIn(value), visibility }
  }
}
