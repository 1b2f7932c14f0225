import { Injectable } from '@nestjs/common'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Database } from '#database'
import { Clock } from '#kernel'
import type { DeliveryPosition } from './delivery-position.js'
import { toWireFigures, toWireHostStats, type WireHostStats, type WireStats } from './stats-wire.js'
import { StatsRepository } from './stats.repository.js'
import { NO_DELIVERIES, type StatusCounts, totalOf, withCount } from './status-counts.js'

const DAY_MS = 24 * 3_600_000

/** How many deliveries one statement counts: the embedded database does nothing else meanwhile. */
const SLICE = 5_000

/** The busiest hosts are told one by one. */
const MAX_HOSTS = 100

/** How many of these one statement looks at. */
const HOSTS_AT_ONCE = 10

/** Durations are those of so many of the newest deliveries, in all and of each host. */
const SAMPLE = 1_000
const SAMPLE_OF_HOST = 200

type CountsByHost = Map<string, StatusCounts>

/** Counts the outbox a slice at a time, so that a large one holds nobody up (webhooks contract section 6). */
@Injectable()
export class WebhookStats {
  constructor(
    private readonly repository: StatsRepository,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Of the deliveries created since then, by default since a day ago. */
  async read(asked: Date | null): Promise<WireStats> {
    const now = this.clock.now()
    const since = asked ?? new Date(now.getTime() - DAY_MS)
    const byHost = await this.#count(since)
    const total = [...byHost.values()].reduce(sum, NO_DELIVERIES)
    const durations = await this.repository.durations(this.database, since, SAMPLE)
    const oldestDue = await this.repository.oldestDue(this.database, now)
    return {
      since: since.toISOString(),
      by_status: total,
      ...toWireFigures(total, durations, oldestDue),
      hosts: await this.#hosts(busiest(byHost), since, now),
    }
  }

  async #count(since: Date): Promise<CountsByHost> {
    const byHost: CountsByHost = new Map()
    let position: DeliveryPosition | null = null
    for (;;) {
      const slice = await this.repository.countSlice(this.database, since, position, SLICE)
      for (const { hostKey, status, count } of slice) {
        byHost.set(hostKey, withCount(byHost.get(hostKey) ?? NO_DELIVERIES, status, count))
      }
      position = slice[0] ?? null
      if (slice.reduce((counted, { count }) => counted + count, 0) < SLICE) return byHost
      await nextTurn()
    }
  }

  async #hosts(hosts: readonly [string, StatusCounts][], since: Date, now: Date): Promise<WireHostStats[]> {
    const stats: WireHostStats[] = []
    for (let from = 0; from < hosts.length; from += HOSTS_AT_ONCE) {
      const some = hosts.slice(from, from + HOSTS_AT_ONCE)
      const keys = some.map(([key]) => key)
      const found = await this.repository.hostDetails(this.database, since, SAMPLE_OF_HOST, keys, now)
      const details = new Map(found.map((host) => [host.hostKey, host]))
      stats.push(...some.map(([key, counts]) => toWireHostStats(key, counts, details.get(key) ?? null)))
    }
    return stats
  }
}

function sum(one: StatusCounts, other: StatusCounts): StatusCounts {
  return {
    pending: one.pending + other.pending,
    delivering: one.delivering + other.delivering,
    delivered: one.delivered + other.delivered,
    dead: one.dead + other.dead,
    cancelled: one.cancelled + other.cancelled,
  }
}

function busiest(byHost: CountsByHost): [string, StatusCounts][] {
  return [...byHost].sort(([, one], [, other]) => totalOf(other) - totalOf(one)).slice(0, MAX_HOSTS)
}
