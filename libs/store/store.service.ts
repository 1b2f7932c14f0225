import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Database, type Queryable, UnitOfWork } from '#database'
import type {
  FoundItem,
  ItemPut,
  ItemRef,
  ItemSearch,
  NamespaceSearch,
  RefreshTtl,
  StoreBackend,
  StoreItem,
} from '#graphs'
import { Clock, invalidRequest, isJsonObject, toJsonb } from '#kernel'
import { namespacePattern } from './namespace-pattern.js'
import { toLabels, toPath, toStoredKey } from './namespace.js'
import { StoreIndex } from './store-index.js'
import type { ItemVector } from './store-vectors.repository.js'
import { namespaceRequired } from './store.errors.js'
import { type ItemKey, type ItemRow, type NewItem, StoreRepository } from './store.repository.js'

/** A put, and where it goes. */
interface PlacedPut {
  readonly at: ItemKey
  readonly put: ItemPut
}

/** The items, for clients and for nodes alike (contract section 9). */
@Injectable()
export class StoreService implements StoreBackend {
  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly items: StoreRepository,
    private readonly index: StoreIndex,
    private readonly clock: Clock,
  ) {}

  async get(refs: readonly ItemRef[], refreshTtl?: RefreshTtl): Promise<(StoreItem | null)[]> {
    const keys = refs.map(toKey)
    const rows = await this.items.find(this.database, keys, this.clock.now())
    await this.#refresh(rows, refreshTtl)
    const byPlace = new Map(rows.map((row) => [placeOf(row), toItem(row)]))
    return keys.map((key) => byPlace.get(placeOf(key)) ?? null)
  }

  /** By meaning, where a query is given and the store has an index; else the latest changes first. */
  async search(search: ItemSearch, refreshTtl?: RefreshTtl): Promise<FoundItem[]> {
    const stored = { ...search, prefix: toPath(search.namespacePrefix) }
    const now = this.clock.now()
    if (!search.query || !this.index.isOn) {
      const rows = await this.items.search(this.database, stored, now)
      await this.#refresh(rows, refreshTtl)
      return rows.map((row) => ({ ...toItem(row), score: null }))
    }
    const rows = await this.index.search(search.query, stored, now)
    await this.#refresh(rows, refreshTtl)
    return rows.map((row) => ({ ...toItem(row), score: row.score }))
  }

  /** @throws AppError `namespace_required` beside those of every method, `embedding_failed`. */
  async put(puts: readonly ItemPut[]): Promise<void> {
    const placed = distinct(puts)
    const kept = placed.filter(({ put }) => put.value !== null)
    if (kept.some(({ at }) => at.namespace === '')) throw namespaceRequired()
    const rows = kept.map((entry) => this.#toNewItem(entry))
    const gone = placed.filter(({ put }) => put.value === null).map(({ at }) => at)
    const vectors = await this.index.embedItems(kept)
    if (placed.length === 1 && !this.index.isOn) return this.#write(this.database, rows, gone)
    await this.#writeAll(rows, gone, vectors)
  }

  async listNamespaces({ prefix, suffix, ...search }: NamespaceSearch): Promise<string[][]> {
    const pattern = namespacePattern(prefix, suffix)
    const paths = await this.items.listNamespaces(this.database, { ...search, pattern }, this.clock.now())
    return paths.map(toLabels)
  }

  async #writeAll(rows: readonly NewItem[], gone: readonly ItemKey[], vectors: readonly ItemVector[]): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await this.items.lock(tx, [...rows, ...gone])
      await this.#write(tx, rows, gone)
      await this.index.replace(tx, rows, vectors)
    })
  }

  async #write(q: Queryable, rows: readonly NewItem[], gone: readonly ItemKey[]): Promise<void> {
    if (rows.length > 0) await this.items.upsert(q, rows, this.clock.now())
    if (gone.length > 0) await this.items.delete(q, gone)
  }

  async #refresh(rows: readonly ItemRow[], refreshTtl: RefreshTtl): Promise<void> {
    const mortal = rows.filter(({ ttlMinutes }) => ttlMinutes !== null)
    if (mortal.length === 0 || !(refreshTtl ?? this.settings.store.refreshOnRead)) return
    await this.items.refresh(this.database, mortal, this.clock.now())
  }

  #toNewItem({ at, put }: PlacedPut): NewItem {
    const valueJson = isJsonObject(put.value) ? toJsonb(put.value) : null
    if (valueJson === null) throw invalidRequest('value: must be an object')
    return { ...at, valueJson, ttlMinutes: put.ttlMinutes ?? this.settings.store.defaultTtlMinutes }
  }
}

function toKey({ namespace, key }: ItemRef): ItemKey {
  return { namespace: toPath(namespace), key: toStoredKey(key) }
}

/** No stored text holds U+0000. */
function placeOf({ namespace, key }: ItemKey): string {
  return `${namespace}\u0000${key}`
}

/** The last put of each place, in the one order in which everybody writes. */
function distinct(puts: readonly ItemPut[]): PlacedPut[] {
  const byPlace = new Map<string, PlacedPut>()
  for (const put of puts) {
    const at = toKey(put)
    byPlace.set(placeOf(at), { at, put })
  }
  return [...byPlace].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, placed]) => placed)
}

function toItem({ namespace, key, value, createdAt, updatedAt }: ItemRow): StoreItem {
  return { namespace: toLabels(namespace), key, value, createdAt, updatedAt }
}
