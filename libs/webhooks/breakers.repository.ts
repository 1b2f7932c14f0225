import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import { CLOSE_BREAKER, DROP_IDLE_BREAKERS, OPEN_BREAKER, POSTPONE_PROBE, STILL_OPEN } from './breakers.sql.js'

/** When a host is probed next, and how long that wait is. */
export interface NextProbe {
  readonly probeAt: Date
  readonly delayMs: number
}

/** The open breakers: a row holds back all deliveries of its host until `probe_at`, in every process. */
@Injectable()
export class BreakersRepository {
  /** Does nothing where the host's breaker is open already. */
  async open(db: Queryable, host: string, now: Date, { probeAt, delayMs }: NextProbe): Promise<void> {
    await db.query(OPEN_BREAKER, [host, now, probeAt, delayMs])
  }

  async postpone(db: Queryable, host: string, { probeAt, delayMs }: NextProbe): Promise<void> {
    await db.query(POSTPONE_PROBE, [host, probeAt, delayMs])
  }

  async close(db: Queryable, host: string): Promise<void> {
    await db.query(CLOSE_BREAKER, [host])
  }

  /** Which of these hosts' breakers are open. */
  async stillOpen(db: Queryable, hosts: readonly string[]): Promise<string[]> {
    const { rows } = await db.query<{ hostKey: string }>(STILL_OPEN, [hosts])
    return rows.map(({ hostKey }) => hostKey)
  }

  /** Removes breakers that should have been probed before `before`, and had nothing to be probed with. */
  async dropIdle(db: Queryable, before: Date): Promise<void> {
    await db.query(DROP_IDLE_BREAKERS, [before])
  }
}
