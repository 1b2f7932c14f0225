import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import type { RetentionCutoffs } from './retention-policy.js'
import { EMPTY_DEAD_BODIES, EMPTY_SETTLED_BODIES, REMOVE_ROWS } from './retention.sql.js'

/** What one statement did: to how many deliveries, and where the next one goes on; null where it did nothing. */
export interface SweptBatch {
  readonly count: number
  readonly until: Date | null
}

/** Removes what is no longer kept. Never touches what is pending or being sent. */
@Injectable()
export class RetentionRepository {
  /** Empties bodies of what was delivered or cancelled, the oldest first, from `after` on. */
  emptySettled(db: Queryable, cutoffs: RetentionCutoffs, after: Date | null, limit: number): Promise<SweptBatch> {
    return swept(db, EMPTY_SETTLED_BODIES, [cutoffs.settledBodies, after ?? BEGINNING, limit])
  }

  /** The same with what is dead. */
  emptyDead(db: Queryable, cutoffs: RetentionCutoffs, after: Date | null, limit: number): Promise<SweptBatch> {
    return swept(db, EMPTY_DEAD_BODIES, [cutoffs.deadBodies, after ?? BEGINNING, limit])
  }

  /** Removes deliveries whose bodies were, with their attempts, the oldest first, from `after` on. */
  removeRows(db: Queryable, cutoffs: RetentionCutoffs, after: Date | null, limit: number): Promise<SweptBatch> {
    return swept(db, REMOVE_ROWS, [cutoffs.rows, after ?? BEGINNING, limit])
  }
}

const BEGINNING = '-infinity'

async function swept(db: Queryable, sql: string, parameters: readonly unknown[]): Promise<SweptBatch> {
  const { rows } = await db.query<SweptBatch>(sql, parameters)
  return rows[0] ?? { count: 0, until: null }
}
