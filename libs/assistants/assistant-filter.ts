import type { Visibility } from '#auth'
import type { JsonObject } from '#kernel'

/** Which assistants are meant; null means any. */
export interface AssistantFilter {
  /** Contained in the assistant's metadata (contract 1.14). */
  readonly metadata: JsonObject | null
  /** Exact. */
  readonly graphId: string | null
  /** A part of the name, in any case. */
  readonly name: string | null
}

/** Those of them that a caller may see. */
export interface VisibleAssistants extends AssistantFilter {
  readonly visibility: Visibility
}

/** What assistants may be sorted by: the names of columns (contract 3.6). */
export const ASSISTANT_SORT_FIELDS = ['assistant_id', 'graph_id', 'name', 'created_at', 'updated_at'] as const

/** How a search is ordered; ties are broken by the id. */
export interface AssistantOrder {
  readonly by: (typeof ASSISTANT_SORT_FIELDS)[number]
  readonly direction: 'asc' | 'desc'
}
