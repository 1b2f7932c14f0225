import { Injectable } from '@nestjs/common'
import type { ThreadTtl } from '#config'
import type { Transaction } from '#database'
import type { ThreadStatus } from './thread.entity.js'

/** A thread whose time is over, locked. */
export interface ExpiredThread {
  readonly threadId: string
  readonly status: ThreadStatus
  readonly ttl: ThreadTtl
}

/** Which thread to claim. */
export interface ExpiryClaim {
  readonly now: Date
  /** Ids of threads to leave alone. */
  readonly except: readonly string[]
}

/** The lifetimes in the table `threads`. */
@Injectable()
export class ThreadExpiryRepository {
  /**
   * Locks the thread whose time has been over for longest; null when there is none. Busy ones wait for their runs, and
   * what another transaction has locked is left to it: so no two processes ever take the same.
   */
  async claim(tx: Transaction, { now, except }: ExpiryClaim): Promise<ExpiredThread | null> {
    const { rows } = await tx.query<Omit<ExpiredThread, 'ttl'> & ThreadTtl>(
      `SELECT thread_id AS "threadId", status, ttl_minutes AS minutes, ttl_strategy AS strategy FROM threads
       WHERE expires_at <= $1 AND status <> 'busy' AND thread_id <> ALL($2::uuid[])
       ORDER BY expires_at, thread_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [now, except],
    )
    const [row] = rows
    return row
      ? { threadId: row.threadId, status: row.status, ttl: { minutes: row.minutes, strategy: row.strategy } }
      : null
  }

  /** Puts the end of the thread's lifetime off. */
  async postpone(tx: Transaction, threadId: string, expiresAt: Date): Promise<void> {
    await tx.query('UPDATE threads SET expires_at = $2 WHERE thread_id = $1', [threadId, expiresAt])
  }
}
