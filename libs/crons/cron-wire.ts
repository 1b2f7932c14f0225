import { shownConfig, withoutPrivateKeys } from '#graphs'
import type { JsonObject } from '#kernel'
import type { CronPayload } from './cron-payload.js'
import type { Cron, OnRunCompleted } from './cron.entity.js'

/** What `select` may name (contract 1.13), and our `disabled_reason`. */
export const CRON_FIELDS = [
  'cron_id',
  'assistant_id',
  'thread_id',
  'on_run_completed',
  'end_time',
  'schedule',
  'timezone',
  'created_at',
  'updated_at',
  'user_id',
  'payload',
  'next_run_date',
  'metadata',
  'enabled',
  'disabled_reason',
  'now',
] as const

/** A cron as clients see it (contract 2.5). */
export interface WireCron {
  readonly cron_id: string
  readonly assistant_id: string
  /** Null where each firing has a thread of its own. */
  readonly thread_id: string | null
  readonly schedule: string
  /** Null is UTC. */
  readonly timezone: string | null
  readonly end_time: string | null
  /** The next occurrence, in UTC; null when none is left before `end_time`. */
  readonly next_run_date: string | null
  readonly enabled: boolean
  /** Why the server has disabled it; null while it has not. */
  readonly disabled_reason: string | null
  /** Null for a cron of a thread. */
  readonly on_run_completed: OnRunCompleted | null
  readonly payload: CronPayload
  readonly metadata: JsonObject
  /** Who made it; null where nobody was asked. */
  readonly user_id: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A row of a search, which also tells the server's time. */
export interface WireCronRow extends WireCron {
  readonly now: string
}

/** The cron in its wire form, without anything secret. */
export function toWireCron(cron: Cron): WireCron {
  return {
    cron_id: cron.cronId,
    assistant_id: cron.assistantId,
    thread_id: cron.threadId,
    schedule: cron.schedule,
    timezone: cron.timezone,
    end_time: cron.endTime?.toISOString() ?? null,
    next_run_date: cron.nextRunDate?.toISOString() ?? null,
    enabled: cron.enabled,
    disabled_reason: cron.disabledReason,
    on_run_completed: cron.onRunCompleted,
    payload: shownPayload(cron.payload),
    metadata: cron.metadata,
    user_id: cron.userId,
    created_at: cron.createdAt.toISOString(),
    updated_at: cron.updatedAt.toISOString(),
  }
}

/** The same with the server's time. */
export function toWireCronRow(cron: Cron, now: Date): WireCronRow {
  return { ...toWireCron(cron), now: now.toISOString() }
}

function shownPayload(payload: CronPayload): CronPayload {
  return { ...payload, config: shownConfig(payload.config), context: withoutPrivateKeys(payload.context) }
}
