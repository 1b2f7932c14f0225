import type { Visibility } from '#auth'
import type { JsonObject } from '#kernel'

/** Which crons are meant; null means any. */
export interface CronFilter {
  readonly assistantId: string | null
  readonly threadId: string | null
  readonly enabled: boolean | null
  /** Contained in the cron's metadata (contract 1.14). */
  readonly metadata: JsonObject | null
}

/** Those of them that a caller may see. */
export interface VisibleCrons extends CronFilter {
  readonly visibility: Visibility
}

/** What crons may be sorted by: the names of columns (contract 8.5). */
export const CRON_SORT_FIELDS = [
  'cron_id',
  'assistant_id',
  'thread_id',
  'created_at',
  'updated_at',
  'next_run_date',
  'end_time',
] as const

/** How a search is ordered; ties are broken by the id. */
export interface CronOrder {
  readonly by: (typeof CRON_SORT_FIELDS)[number]
  readonly direction: 'asc' | 'desc'
}
