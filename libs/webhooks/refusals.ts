import { Injectable } from '@nestjs/common'
import { Logger } from '#kernel'
import type { UrlRefusal } from './url-text-policy.js'

/** Where a target was refused: when a run or cron was created, before an attempt, or at the socket. */
export type RefusalPoint = 'creation' | 'attempt' | 'socket'

/** What refused it: a rule of the text, an address that is not public, or that nothing here takes paths. */
export type RefusalRule = UrlRefusal['rule'] | 'no_taker'

/** One refusal. The reason is for the log and for administrators, never for a caller. */
export interface Refusal {
  readonly point: RefusalPoint
  readonly rule: RefusalRule
  readonly reason: string
  /** Absent at creation: there is no delivery yet. */
  readonly deliveryId?: string
}

/** How many refusals of one kind there were since the process began. */
export interface RefusalCount {
  readonly point: RefusalPoint
  readonly rule: RefusalRule
  readonly count: number
}

/** What opens a target. Where a socket led elsewhere than was judged, nothing does. */
const REMEDY = 'SIGNALBOX_WEBHOOK_ALLOW_HOSTS opens targets that are not public, save link-local and metadata addresses'

/** The one place that every refused target is told to: it writes the log and counts (webhooks contract section 6). */
@Injectable()
export class Refusals {
  readonly #counts = new Map<string, RefusalCount>()

  constructor(private readonly logger: Logger) {}

  tell({ point, rule, ...told }: Refusal): void {
    const fields = rule === 'not_public' && point !== 'socket' ? { ...told, remedy: REMEDY } : told
    const key = `${point} ${rule}`
    this.#counts.set(key, { point, rule, count: (this.#counts.get(key)?.count ?? 0) + 1 })
    // A caller may cause the first as often as it likes.
    if (point === 'creation') this.logger.info({ point, rule, ...fields }, 'webhook refused')
    else this.logger.warn({ point, rule, ...fields }, 'webhook target refused')
  }

  /** By point and rule: few, whatever callers send. */
  get counts(): readonly RefusalCount[] {
    return [...this.#counts.values()]
  }
}
