import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import type { Page } from '#http'
import { storableText, toJsonb } from '#kernel'
import type { AssistantFilter, AssistantOrder } from './assistant-filter.js'
import type { Assistant } from './assistant.entity.js'

const COLUMNS = `assistant_id AS "assistantId", graph_id AS "graphId", name, description, config, context, metadata,
  version, created_at AS "createdAt", updated_at AS "updatedAt"`

const MATCHES = `($1::jsonb IS NULL OR metadata @> $1) AND ($2::text IS NULL OR graph_id = $2)
  AND ($3::text IS NULL OR position(lower($3) IN lower(name)) > 0)`

/** The table `assistants`. */
@Injectable()
export class AssistantsRepository {
  async find(q: Queryable, assistantId: string): Promise<Assistant | null> {
    const { rows } = await q.query<Assistant>(`SELECT ${COLUMNS} FROM assistants WHERE assistant_id = $1`, [
      assistantId,
    ])
    return rows[0] ?? null
  }

  /** Leaves a row of the same id as it is. */
  async insertIfAbsent(q: Queryable, assistant: Assistant): Promise<void> {
    await q.query(
      `INSERT INTO assistants (assistant_id, graph_id, name, description, config, context, metadata, version,
                               created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (assistant_id) DO NOTHING`,
      [
        assistant.assistantId,
        storableText(assistant.graphId),
        storableText(assistant.name),
        assistant.description === null ? null : storableText(assistant.description),
        toJsonb(assistant.config),
        toJsonb(assistant.context),
        toJsonb(assistant.metadata),
        assistant.version,
        assistant.createdAt,
        assistant.updatedAt,
      ],
    )
  }

  async search(q: Queryable, filter: AssistantFilter, order: AssistantOrder, page: Page): Promise<Assistant[]> {
    const { rows } = await q.query<Assistant>(
      `SELECT ${COLUMNS} FROM assistants WHERE ${MATCHES}
       ORDER BY ${order.by} ${order.direction}, assistant_id LIMIT $4 OFFSET $5`,
      [...parametersOf(filter), page.limit, page.offset],
    )
    return rows
  }

  async count(q: Queryable, filter: AssistantFilter): Promise<number> {
    const { rows } = await q.query<{ count: string }>(
      `SELECT count(*) AS count FROM assistants WHERE ${MATCHES}`,
      parametersOf(filter),
    )
    return Number(rows[0]?.count)
  }
}

function parametersOf({ metadata, graphId, name }: AssistantFilter): (string | null)[] {
  return [
    metadata === null ? null : toJsonb(metadata),
    graphId === null ? null : storableText(graphId),
    name === null ? null : storableText(name),
  ]
}
