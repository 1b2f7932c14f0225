import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'

/** The queue of runs at a moment; times are null where nothing waits. */
export interface QueueFigures {
  readonly pending: number
  readonly running: number
  /** When the one that has waited longest fell due. */
  readonly oldestDue: Date | null
  readonly medianDue: Date | null
  /** As `oldestDue`, of runs whose thread is free. */
  readonly oldestUnblocked: Date | null
}

/** Counts of `runs`; each part goes over one of the partial indexes of pending and running rows alone. */
@Injectable()
export class RunMetricsRepository {
  async read(q: Queryable, now: Date): Promise<QueueFigures> {
    const { rows } = await q.query<QueueFigures>(
      `SELECT (SELECT count(*)::integer FROM runs WHERE status = 'pending') AS pending,
              (SELECT count(*)::integer FROM runs WHERE status = 'running') AS running,
              (SELECT min(created_at) FROM runs WHERE status = 'pending' AND created_at <= $1) AS "oldestDue",
              (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY created_at) FROM runs
               WHERE status = 'pending' AND created_at <= $1) AS "medianDue",
              (SELECT created_at FROM runs r WHERE status = 'pending' AND created_at <= $1
                 AND NOT EXISTS (SELECT 1 FROM runs o WHERE o.thread_id = r.thread_id AND o.status = 'running' OFFSET 0)
               ORDER BY created_at, run_id LIMIT 1) AS "oldestUnblocked"`,
      [now],
    )
    return rows[0] ?? { pending: 0, running: 0, oldestDue: null, medianDue: null, oldestUnblocked: null }
  }
}
