import type { Visibility } from '#auth'
import type { JsonObject } from '#kernel'
import type { ThreadStatus } from './thread.entity.js'

/** Which threads are meant; null means any. */
export interface ThreadFilter {
  /** Contained in the thread's metadata (contract 1.14). */
  readonly metadata: JsonObject | null
  /** Contained in the thread's values; a thread without values does not match. */
  readonly values: JsonObject | null
  readonly status: ThreadStatus | null
  readonly ids: readonly string[] | null
}

/** Those of them that a caller may see. */
export interface VisibleThreads extends ThreadFilter {
  readonly visibility: Visibility
}

/** What threads may be sorted by: the names of columns (contract 4.5). */
export const THREAD_SORT_FIELDS = ['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at'] as const

/** How a search is ordered; ties are broken by the id. */
export interface ThreadOrder {
  readonly by: (typeof THREAD_SORT_FIELDS)[number]
  readonly direction: 'asc' | 'desc'
}
