import { Injectable } from '@nestjs/common'
import { type Visibility, type VisibleQuery, visibleSql, VisibleTable } from '#auth'
import type { Queryable, Transaction } from '#database'
import type { Page } from '#http'
import { storableText, toJsonb } from '#kernel'
import type { CronOrder, VisibleCrons } from './cron-filter.js'
import type { Cron, CronData } from './cron.entity.js'

/** The columns of a cron, as its entity names them. */
export const CRON_COLUMNS = `cron_id AS "cronId", assistant_id AS "assistantId", thread_id AS "threadId", schedule,
  timezone, end_time AS "endTime", next_run_date AS "nextRunDate", enabled, disabled_reason AS "disabledReason",
  on_run_completed AS "onRunCompleted", payload, metadata, user_id AS "userId", creator, created_at AS "createdAt",
  updated_at AS "updatedAt"`

const MATCHES = `($1::uuid IS NULL OR assistant_id = $1) AND ($2::uuid IS NULL OR thread_id = $2)
  AND ($3::boolean IS NULL OR enabled = $3) AND ($4::jsonb IS NULL OR metadata @> $4)`

const CRONS = new VisibleTable<Cron>({ name: 'crons', columns: CRON_COLUMNS, matches: MATCHES })

/** The table `crons` as clients ask for it. What is due stands in `DueCronsRepository`. */
@Injectable()
export class CronsRepository {
  /** Stores it and returns its row. The caller has locked its assistant and its thread. */
  async insert(tx: Transaction, cron: CronData): Promise<Cron> {
    const { rows } = await tx.query<Cron>(
      `INSERT INTO crons (cron_id, schedule, timezone, end_time, next_run_date, enabled, disabled_reason,
                          on_run_completed, payload, metadata, updated_at, assistant_id, thread_id, user_id, created_at,
                          creator)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING ${CRON_COLUMNS}`,
      [
        ...changeableOf(cron),
        cron.assistantId,
        cron.threadId,
        cron.userId === null ? null : storableText(cron.userId),
        cron.createdAt,
        cron.creator === null ? null : toJsonb(cron.creator),
      ],
    )
    return rows[0]!
  }

  async find(q: Queryable, cronId: string): Promise<Cron | null> {
    const { rows } = await q.query<Cron>(`SELECT ${CRON_COLUMNS} FROM crons WHERE cron_id = $1`, [cronId])
    return rows[0] ?? null
  }

  /** The cron, which nobody changes or fires until `tx` ends. Locks are taken in the order assistant, thread, cron, run. */
  async lock(tx: Transaction, cronId: string): Promise<CronData | null> {
    const { rows } = await tx.query<CronData>(`SELECT ${CRON_COLUMNS} FROM crons WHERE cron_id = $1 FOR UPDATE`, [
      cronId,
    ])
    return rows[0] ?? null
  }

  /** Writes all that can change; the caller holds its lock. Returns the row. */
  async update(tx: Transaction, cron: CronData): Promise<Cron> {
    const { rows } = await tx.query<Cron>(
      `UPDATE crons SET schedule = $2, timezone = $3, end_time = $4, next_run_date = $5, enabled = $6,
              disabled_reason = $7, on_run_completed = $8, payload = $9, metadata = $10, updated_at = $11
       WHERE cron_id = $1 RETURNING ${CRON_COLUMNS}`,
      changeableOf(cron),
    )
    return rows[0]!
  }

  /** False when there is none that may be seen. */
  async delete(q: Queryable, cronId: string, visibility: Visibility): Promise<boolean> {
    const parameters: unknown[] = [cronId]
    const sql = `DELETE FROM crons WHERE cron_id = $1 AND ${visibleSql(visibility, 'metadata', parameters)}`
    const { affected } = await q.query(sql, parameters)
    return affected > 0
  }

  search(q: Queryable, filter: VisibleCrons, order: CronOrder, page: Page): Promise<Cron[]> {
    return CRONS.search(q, queryOf(filter), orderBy(order), page)
  }

  count(q: Queryable, filter: VisibleCrons): Promise<number> {
    return CRONS.count(q, queryOf(filter))
  }
}

const NULLABLE = new Set<CronOrder['by']>(['thread_id', 'next_run_date', 'end_time'])

/** Crons without the field come last; the index of the others knows no such clause. */
function orderBy({ by, direction }: CronOrder): string {
  if (by === 'cron_id') return `cron_id ${direction}`
  return `${by} ${direction}${NULLABLE.has(by) ? ' NULLS LAST' : ''}, cron_id`
}

function changeableOf(cron: CronData): unknown[] {
  return [
    cron.cronId,
    storableText(cron.schedule),
    cron.timezone,
    cron.endTime,
    cron.nextRunDate,
    cron.enabled,
    cron.disabledReason,
    cron.onRunCompleted,
    toJsonb(cron.payload),
    toJsonb(cron.metadata),
    cron.updatedAt,
  ]
}

function queryOf({ assistantId, threadId, enabled, metadata, visibility }: VisibleCrons): VisibleQuery {
  return { parameters: [assistantId, threadId, enabled, metadata === null ? null : toJsonb(metadata)], visibility }
}
