import { Injectable } from '@nestjs/common'
import { type VisibleQuery, VisibleTable } from '#auth'
import { prepared, type Queryable, type Transaction } from '#database'
import type { Page } from '#http'
import { storableText, toJsonb } from '#kernel'
import type { AssistantOrder, VisibleAssistants } from './assistant-filter.js'
import type { Assistant } from './assistant.entity.js'

const COLUMNS = `assistant_id AS "assistantId", graph_id AS "graphId", name, description, config, context, metadata,
  version, created_at AS "createdAt", updated_at AS "updatedAt"`

const MATCHES = `($1::jsonb IS NULL OR metadata @> $1) AND ($2::text IS NULL OR graph_id = $2)
  AND ($3::text IS NULL OR position(lower($3) IN lower(name)) > 0)`

const ASSISTANTS = new VisibleTable<Assistant>({ name: 'assistants', columns: COLUMNS, matches: MATCHES })

/**
 * How an assistant is locked. `use`: it cannot be deleted meanwhile, which is what the foreign key of a new run takes
 * anyway; `change`: nobody else changes it, runs are still made; `delete`: no new run either.
 * Locks are taken in the order assistant, thread, run.
 */
export type AssistantLock = 'use' | 'change' | 'delete'

const FIND = prepared(`SELECT ${COLUMNS} FROM assistants WHERE assistant_id = $1`)

const LOCK: Record<AssistantLock, string> = {
  use: prepared(`${FIND} FOR KEY SHARE`),
  change: `${FIND} FOR NO KEY UPDATE`,
  delete: `${FIND} FOR UPDATE`,
}

/** The table `assistants`. */
@Injectable()
export class AssistantsRepository {
  async find(q: Queryable, assistantId: string): Promise<Assistant | null> {
    const { rows } = await q.query<Assistant>(FIND, [assistantId])
    return rows[0] ?? null
  }

  /** The assistant, locked until the transaction behind `q` ends. */
  async lock(q: Queryable, assistantId: string, lock: AssistantLock): Promise<Assistant | null> {
    const { rows } = await q.query<Assistant>(LOCK[lock], [assistantId])
    return rows[0] ?? null
  }

  /** Stores it and returns its row; null, and nothing stored, when the id is taken. */
  async insertIfAbsent(q: Queryable, assistant: Assistant): Promise<Assistant | null> {
    const { rows } = await q.query<Assistant>(
      `INSERT INTO assistants (assistant_id, graph_id, name, description, config, context, metadata, version,
                               updated_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (assistant_id) DO NOTHING RETURNING ${COLUMNS}`,
      [...columnsOf(assistant), assistant.createdAt],
    )
    return rows[0] ?? null
  }

  /** Says that the server itself has made it; false when that was said before. */
  async takeForSystem(tx: Transaction, assistantId: string): Promise<boolean> {
    const { affected } = await tx.query(
      'UPDATE assistants SET made_by_system = true WHERE assistant_id = $1 AND NOT made_by_system',
      [assistantId],
    )
    return affected > 0
  }

  /** Writes everything but the id and the time it was made; the caller holds its lock. Returns the row. */
  async update(tx: Transaction, assistant: Assistant): Promise<Assistant> {
    const { rows } = await tx.query<Assistant>(
      `UPDATE assistants SET graph_id = $2, name = $3, description = $4, config = $5, context = $6, metadata = $7,
              version = $8, updated_at = $9 WHERE assistant_id = $1 RETURNING ${COLUMNS}`,
      columnsOf(assistant),
    )
    return rows[0]!
  }

  /** Deletes the row, and its versions by cascade. */
  async delete(tx: Transaction, assistantId: string): Promise<void> {
    await tx.query('DELETE FROM assistants WHERE assistant_id = $1', [assistantId])
  }

  search(q: Queryable, filter: VisibleAssistants, order: AssistantOrder, page: Page): Promise<Assistant[]> {
    return ASSISTANTS.search(q, queryOf(filter), orderBy(order), page)
  }

  count(q: Queryable, filter: VisibleAssistants): Promise<number> {
    return ASSISTANTS.count(q, queryOf(filter))
  }
}

function columnsOf(assistant: Assistant): unknown[] {
  return [
    assistant.assistantId,
    storableText(assistant.graphId),
    storableText(assistant.name),
    assistant.description === null ? null : storableText(assistant.description),
    toJsonb(assistant.config),
    toJsonb(assistant.context),
    toJsonb(assistant.metadata),
    assistant.version,
    assistant.updatedAt,
  ]
}

function orderBy({ by, direction }: AssistantOrder): string {
  return by === 'assistant_id' ? `assistant_id ${direction}` : `${by} ${direction}, assistant_id`
}

function queryOf({ metadata, graphId, name, visibility }: VisibleAssistants): VisibleQuery {
  const parameters = [
    metadata === null ? null : toJsonb(metadata),
    graphId === null ? null : storableText(graphId),
    name === null ? null : storableText(name),
  ]
  return { parameters, visibility }
}
