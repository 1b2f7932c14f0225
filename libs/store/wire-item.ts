import type { FoundItem, StoreItem } from '#graphs'
import type { JsonObject } from '#kernel'

/** An item as clients see it (contract 2.6). */
export interface WireItem {
  readonly namespace: readonly string[]
  readonly key: string
  readonly value: JsonObject
  readonly created_at: string
  readonly updated_at: string
}

/** An item that a search found; `score` stands there when the search had a query. */
export interface WireFoundItem extends WireItem {
  readonly score?: number | null
}

/** The item in its wire form. */
export function toWireItem({ namespace, key, value, createdAt, updatedAt }: StoreItem): WireItem {
  return { namespace, key, value, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() }
}

/** The found item in its wire form. */
export function toWireFoundItem(item: FoundItem, hasQuery: boolean): WireFoundItem {
  return hasQuery ? { ...toWireItem(item), score: item.score } : toWireItem(item)
}
