import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import type { JsonObject } from '#kernel'
import { filterConditions } from './item-filter.js'
import type { NamespacePattern } from './namespace-pattern.js'
import { endOfPrefix } from './namespace.js'
import { SqlParameters } from './sql-parameters.js'

/** Where an item stands in the table. */
export interface ItemKey {
  readonly namespace: string
  readonly key: string
}

/** An item as it is read. */
export interface ItemRow extends ItemKey {
  readonly value: JsonObject
  readonly ttlMinutes: number | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** An item as it is written. */
export interface NewItem extends ItemKey {
  /** Storable JSON text. */
  readonly valueJson: string
  readonly ttlMinutes: number | null
}

/** A search whose names are in their stored form. */
export interface StoredSearch {
  readonly prefix: string
  readonly filter: JsonObject
  readonly limit: number
  readonly offset: number
}

/** A listing whose names are in their stored form. */
export interface StoredNamespaces {
  readonly pattern: NamespacePattern
  readonly maxDepth: number | null
  readonly limit: number
  readonly offset: number
}

/** The first half of the advisory locks of items; nobody else takes locks in two halves. */
const STORE_LOCK = 1
/** How many of them there are: the database has room for some thousands in all. A power of two. */
const STORE_LOCKS = 256

/** What both kinds of search read of the table `i`. */
export const ITEM_COLUMNS = `i.namespace, i.key, i.value, i.ttl_minutes AS "ttlMinutes", i.created_at AS "createdAt",
  i.updated_at AS "updatedAt"`

/** The table `store_items`. What has expired by `now` is not there, whether the sweep has come by or not. */
@Injectable()
export class StoreRepository {
  async find(q: Queryable, keys: readonly ItemKey[], now: Date): Promise<ItemRow[]> {
    const { rows } = await q.query<ItemRow>(
      `SELECT ${ITEM_COLUMNS} FROM store_items i
       JOIN unnest($1::text[], $2::text[]) AS wanted (namespace, key) USING (namespace, key)
       WHERE i.expires_at IS NULL OR i.expires_at > $3`,
      [...columnsOf(keys), now],
    )
    return rows
  }

  /** Begins the lifetimes anew. A row that somebody else is changing is left to them: waiting could be a deadlock. */
  async refresh(q: Queryable, keys: readonly ItemKey[], now: Date): Promise<void> {
    await q.query(
      `UPDATE store_items i SET expires_at = $3::timestamptz + i.ttl_minutes * interval '1 minute'
       FROM (SELECT namespace, key FROM store_items
             JOIN unnest($1::text[], $2::text[]) AS read (namespace, key) USING (namespace, key)
             WHERE expires_at > $3 FOR UPDATE OF store_items SKIP LOCKED) AS free
       WHERE i.namespace = free.namespace AND i.key = free.key`,
      [...columnsOf(keys), now],
    )
  }

  /**
   * Keeps other writers of these keys out until `tx` ends, whether their rows are there yet or not: rows alone are no
   * lock for an item that two make at once. Taken in the one order in which everybody takes them.
   */
  async lock(tx: Transaction, keys: readonly ItemKey[]): Promise<void> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(${STORE_LOCK}, place) FROM (
         SELECT DISTINCT hashtext(namespace || key) & ${STORE_LOCKS - 1} AS place
         FROM unnest($1::text[], $2::text[]) AS wanted (namespace, key) ORDER BY place) AS places`,
      columnsOf(keys),
    )
  }

  /** Inserts or replaces; the keys are distinct and sorted. An item that had expired is a new one. */
  async upsert(q: Queryable, items: readonly NewItem[], now: Date): Promise<void> {
    await q.query(
      `INSERT INTO store_items AS old (namespace, key, value, ttl_minutes, expires_at, created_at, updated_at)
       SELECT namespace, key, value, ttl, $5::timestamptz + ttl * interval '1 minute', $5, $5
       FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::float8[]) AS put (namespace, key, value, ttl)
       ON CONFLICT (namespace, key) DO UPDATE SET value = EXCLUDED.value, ttl_minutes = EXCLUDED.ttl_minutes,
         expires_at = EXCLUDED.expires_at,
         created_at = CASE WHEN old.expires_at <= $5 THEN EXCLUDED.created_at ELSE old.created_at END,
         updated_at = GREATEST(EXCLUDED.updated_at, old.updated_at + interval '1 millisecond')`,
      [...columnsOf(items), items.map(({ valueJson }) => valueJson), items.map(({ ttlMinutes }) => ttlMinutes), now],
    )
  }

  async delete(q: Queryable, keys: readonly ItemKey[]): Promise<void> {
    await q.query(
      `DELETE FROM store_items i USING unnest($1::text[], $2::text[]) AS gone (namespace, key)
       WHERE i.namespace = gone.namespace AND i.key = gone.key`,
      columnsOf(keys),
    )
  }

  /** Latest changes first. */
  async search(q: Queryable, search: StoredSearch, now: Date): Promise<ItemRow[]> {
    const parameters = new SqlParameters()
    const where = searchConditions(search, now, parameters)
    const { rows } = await q.query<ItemRow>(
      `SELECT ${ITEM_COLUMNS} FROM store_items i WHERE ${where} ORDER BY i.updated_at DESC, i.namespace, i.key
       LIMIT ${parameters.add(search.limit)} OFFSET ${parameters.add(search.offset)}`,
      parameters.values,
    )
    return rows
  }

  /** Distinct namespaces that hold something, cut to the depth, sorted. */
  async listNamespaces(q: Queryable, { pattern, ...search }: StoredNamespaces, now: Date): Promise<string[]> {
    const { rows } = await q.query<{ cut: string }>(LIST_NAMESPACES, [
      now,
      pattern.from,
      pattern.to,
      pattern.prefix,
      pattern.suffix,
      search.maxDepth,
      search.limit,
      search.offset,
    ])
    return rows.map(({ cut }) => cut)
  }

  /** Removes at most `limit` of what has expired by `now`; returns how many they were. */
  async removeExpired(q: Queryable, limit: number, now: Date): Promise<number> {
    const { affected } = await q.query(
      `DELETE FROM store_items WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM store_items WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [now, limit],
    )
    return affected
  }
}

/** The condition on the table `i` that a search puts. */
export function searchConditions({ prefix, filter }: StoredSearch, now: Date, parameters: SqlParameters): string {
  const isAlive = `(i.expires_at IS NULL OR i.expires_at > ${parameters.add(now)})`
  const range = prefix === '' ? [] : [`i.namespace >= ${parameters.add(prefix)}`]
  if (prefix !== '') range.push(`i.namespace < ${parameters.add(endOfPrefix(prefix))}`)
  return [isAlive, ...range, ...filterConditions(filter, parameters)].join(' AND ')
}

/*
 * Jumps from namespace to namespace along the primary key instead of reading every item. From one that was found and
 * cut, it jumps behind all that would be cut to the same; `chr(1)` makes the least text behind a namespace.
 */
const LIST_NAMESPACES = `
WITH RECURSIVE walk AS (
  SELECT first.* FROM (${nextNamespace(`$2::text`)}) AS first
  UNION ALL
  SELECT next.* FROM walk CROSS JOIN LATERAL (${nextNamespace(`walk.jump`)}) AS next
)
SELECT cut FROM walk WHERE matches LIMIT $7 OFFSET $8`

function nextNamespace(from: string): string {
  return `
    SELECT namespace, matches, cut,
      CASE WHEN matches AND depth >= $6::integer THEN left(cut, -1) || '/' ELSE namespace || chr(1) END AS jump
    FROM (
      SELECT namespace, namespace ~ $4::text AND namespace ~ $5::text AS matches,
        array_length(labels, 1) - 1 AS depth,
        CASE WHEN $6::integer IS NULL OR array_length(labels, 1) - 1 <= $6 THEN namespace
             ELSE array_to_string(labels[1:$6], '.') || '.' END AS cut
      FROM (
        SELECT namespace, string_to_array(namespace, '.') AS labels FROM store_items
        WHERE namespace >= ${from} AND ($3::text IS NULL OR namespace < $3) AND (expires_at IS NULL OR expires_at > $1)
        ORDER BY namespace LIMIT 1
      ) AS row
    ) AS judged`
}

function columnsOf(keys: readonly ItemKey[]): [string[], string[]] {
  return [keys.map(({ namespace }) => namespace), keys.map(({ key }) => key)]
}
