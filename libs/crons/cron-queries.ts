import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import { type Page, totalFromPage } from '#http'
import type { CronFilter, CronOrder } from './cron-filter.js'
import type { Cron } from './cron.entity.js'
import { cronNotFound } from './crons.errors.js'
import { CronsRepository } from './crons.repository.js'

/** Finds crons (contract 8.3, 8.5, 8.6). */
@Injectable()
export class CronQueries {
  constructor(
    private readonly database: Database,
    private readonly crons: CronsRepository,
  ) {}

  /** @throws AppError `cron_not_found`. */
  async get(cronId: string): Promise<Cron> {
    const cron = await this.crons.find(this.database, cronId)
    if (cron === null) throw cronNotFound(cronId)
    return cron
  }

  /** One page of the crons that match, and how many there are in all. */
  async search(filter: CronFilter, order: CronOrder, page: Page): Promise<{ crons: Cron[]; total: number }> {
    const crons = await this.crons.search(this.database, filter, order, page)
    const total = totalFromPage(crons.length, page) ?? (await this.count(filter))
    return { crons, total }
  }

  count(filter: CronFilter): Promise<number> {
    return this.crons.count(this.database, filter)
  }
}
