import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import { SqlParameters } from './sql-parameters.js'
import { ITEM_COLUMNS, type ItemKey, type ItemRow, searchConditions, type StoredSearch } from './store.repository.js'

/** The meaning of one text of an item. */
export interface ItemVector extends ItemKey {
  readonly vector: readonly number[]
}

/** An item that was found by its meaning. */
export interface ScoredRow extends ItemRow {
  readonly score: number
}

/**
 * The table `store_vectors`. It is made at start and by no migration: it needs an extension that most databases lack,
 * and the length of the vectors is a setting. A vector counts only while its item is as it was when it was embedded.
 */
@Injectable()
export class StoreVectorsRepository {
  /** Whether the database has pgvector, switched on or not. */
  async isAvailable(q: Queryable): Promise<boolean> {
    const { rows } = await q.query(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`)
    return rows.length > 0
  }

  async enable(q: Queryable): Promise<void> {
    await q.query('CREATE EXTENSION IF NOT EXISTS vector')
  }

  /** The length of the vectors in the table; null when there is no table. */
  async dims(q: Queryable): Promise<number | null> {
    const { rows } = await q.query<{ dims: number }>(
      `SELECT atttypmod AS dims FROM pg_attribute
       WHERE attrelid = to_regclass('store_vectors') AND attname = 'embedding'`,
    )
    return rows[0]?.dims ?? null
  }

  /** Makes the table anew and empty. */
  async create(tx: Transaction, dims: number): Promise<void> {
    await tx.query('DROP TABLE IF EXISTS store_vectors')
    await tx.query(
      `CREATE TABLE store_vectors (
         namespace text COLLATE "C" NOT NULL,
         key text COLLATE "C" NOT NULL,
         position integer NOT NULL,
         item_updated_at timestamptz NOT NULL,
         embedding vector(${Math.trunc(dims)}) NOT NULL,
         PRIMARY KEY (namespace, key, position),
         FOREIGN KEY (namespace, key) REFERENCES store_items ON DELETE CASCADE)`,
    )
  }

  /** Puts these in the place of all that the items had. The items are stored and locked in the same transaction. */
  async replace(tx: Transaction, keys: readonly ItemKey[], vectors: readonly ItemVector[]): Promise<void> {
    await tx.query(
      `DELETE FROM store_vectors v USING unnest($1::text[], $2::text[]) AS put (namespace, key)
       WHERE v.namespace = put.namespace AND v.key = put.key`,
      [keys.map(({ namespace }) => namespace), keys.map(({ key }) => key)],
    )
    if (vectors.length === 0) return
    await tx.query(
      `INSERT INTO store_vectors (namespace, key, position, item_updated_at, embedding)
       SELECT i.namespace, i.key, made.position, i.updated_at, made.embedding::vector
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS made (namespace, key, embedding, position)
       JOIN store_items i ON i.namespace = made.namespace AND i.key = made.key`,
      [
        vectors.map(({ namespace }) => namespace),
        vectors.map(({ key }) => key),
        vectors.map(({ vector }) => JSON.stringify(vector)),
      ],
    )
  }

  /**
   * The items that are nearest to the vector by cosine similarity, each by its nearest text; ties by key. Every vector
   * under the prefix is looked at: an approximate index would leave out items that a filter lets through.
   */
  async search(q: Queryable, vector: readonly number[], search: StoredSearch, now: Date): Promise<ScoredRow[]> {
    const parameters = new SqlParameters()
    const wanted = parameters.add(JSON.stringify(vector))
    const where = searchConditions(search, now, parameters)
    const { rows } = await q.query<ScoredRow>(
      `SELECT ${ITEM_COLUMNS}, near.score FROM store_items i
       CROSS JOIN LATERAL (
         SELECT max(COALESCE(NULLIF(1 - (v.embedding <=> ${wanted}::vector), 'NaN'), 0)) AS score
         FROM store_vectors v
         WHERE v.namespace = i.namespace AND v.key = i.key AND v.item_updated_at = i.updated_at
       ) AS near
       WHERE near.score IS NOT NULL AND ${where}
       ORDER BY near.score DESC, i.key, i.namespace
       LIMIT ${parameters.add(search.limit)} OFFSET ${parameters.add(search.offset)}`,
      parameters.values,
    )
    return rows
  }
}
