import type { JsonObject } from '#kernel'

/** Where an item stands: the path of labels, and the key in it. */
export interface ItemRef {
  readonly namespace: readonly string[]
  readonly key: string
}

/** A value kept across threads (contract 2.6). */
export interface StoreItem extends ItemRef {
  readonly value: JsonObject
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** An item that a search found. */
export interface FoundItem extends StoreItem {
  /** How near its meaning is to the query, from -1 to 1; null when nothing was asked or nothing is indexed. */
  readonly score: number | null
}

/** What is to stand at a place from now on. */
export interface ItemPut extends ItemRef {
  /** Null removes the item. */
  readonly value: JsonObject | null
  /** Paths of the texts to find it by, or false for none; undefined takes those of the configuration. */
  readonly index?: false | readonly string[] | undefined
  /** Lifetime in minutes; undefined takes that of the configuration. */
  readonly ttlMinutes?: number | undefined
}

/** Which items are wanted. */
export interface ItemSearch {
  /** Empty searches everything. */
  readonly namespacePrefix: readonly string[]
  /** Top-level fields of the value, each with a value or with operators (contract section 9). */
  readonly filter: JsonObject
  /** Orders by meaning, where the store has an index; null orders by the time of change. */
  readonly query: string | null
  readonly limit: number
  readonly offset: number
}

/** Which namespaces are wanted; `*` stands for any one label. */
export interface NamespaceSearch {
  readonly prefix: readonly string[]
  readonly suffix: readonly string[]
  /** Longer ones are cut to so many labels; null leaves them whole. */
  readonly maxDepth: number | null
  readonly limit: number
  readonly offset: number
}

/** How a read treats the lifetime of what it finds; undefined is as configured. */
export type RefreshTtl = boolean | undefined

/**
 * Where the items are. Made by the room that keeps them, and given to nodes as a LangGraph store by `GraphStore`.
 * Namespaces have labels that are not empty and hold no `.`.
 * @throws from every method: AppError for a namespace or key that cannot be, or what the database throws.
 */
export interface StoreBackend {
  /** Items in the order of the references; null where there is none. */
  get(refs: readonly ItemRef[], refreshTtl?: RefreshTtl): Promise<(StoreItem | null)[]>
  search(search: ItemSearch, refreshTtl?: RefreshTtl): Promise<FoundItem[]>
  /** All or nothing. Of several for one place the last counts. */
  put(puts: readonly ItemPut[]): Promise<void>
  listNamespaces(search: NamespaceSearch): Promise<string[][]>
}
