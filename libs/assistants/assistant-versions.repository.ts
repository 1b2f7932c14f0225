import { Injectable } from '@nestjs/common'
import type { Queryable, Transaction } from '#database'
import type { Page } from '#http'
import { type JsonObject, toJsonb } from '#kernel'
import type { AssistantVersionFields } from './assistant-version.entity.js'

const COLUMNS = `assistant_id AS "assistantId", version, graph_id AS "graphId", name, description, config, context,
  metadata, created_at AS "createdAt"`

/** The table `assistant_versions`. */
@Injectable()
export class AssistantVersionsRepository {
  /** Records the version that the assistant's row has now; the time is when the row was last changed. */
  async record(tx: Transaction, assistantId: string): Promise<void> {
    await tx.query(
      `INSERT INTO assistant_versions
         (assistant_id, version, graph_id, name, description, config, context, metadata, created_at)
       SELECT assistant_id, version, graph_id, name, description, config, context, metadata, updated_at
       FROM assistants WHERE assistant_id = $1`,
      [assistantId],
    )
  }

  /** The highest number so far; 0 when there is none. The caller holds the assistant's lock. */
  async highest(tx: Transaction, assistantId: string): Promise<number> {
    const { rows } = await tx.query<{ highest: number | null }>(
      'SELECT max(version) AS highest FROM assistant_versions WHERE assistant_id = $1',
      [assistantId],
    )
    return rows[0]?.highest ?? 0
  }

  /** Any number may be asked for, also one that no row could have. */
  async find(q: Queryable, assistantId: string, version: number): Promise<AssistantVersionFields | null> {
    const { rows } = await q.query<AssistantVersionFields>(
      `SELECT ${COLUMNS} FROM assistant_versions WHERE assistant_id = $1 AND version = $2::bigint`,
      [assistantId, version],
    )
    return rows[0] ?? null
  }

  /** Newest first; only those whose metadata contain `metadata` when it is given. */
  async list(
    q: Queryable,
    assistantId: string,
    metadata: JsonObject | null,
    page: Page,
  ): Promise<AssistantVersionFields[]> {
    const { rows } = await q.query<AssistantVersionFields>(
      `SELECT ${COLUMNS} FROM assistant_versions
       WHERE assistant_id = $1 AND ($2::jsonb IS NULL OR metadata @> $2) ORDER BY version DESC LIMIT $3 OFFSET $4`,
      [assistantId, metadata === null ? null : toJsonb(metadata), page.limit, page.offset],
    )
    return rows
  }
}
