import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { ThreadTtl } from '#config'
import type { SettledThreadStatus } from '#events'
import type { JsonObject } from '#kernel'

/** Where a thread stands (contract 7.2). */
export type ThreadStatus = 'idle' | 'busy' | 'interrupted' | 'error'

/** Every status, for validation. */
export const THREAD_STATUSES: readonly ThreadStatus[] = ['idle', 'busy', 'interrupted', 'error']

/** State kept across runs (contract 2.2). */
@Entity('threads')
export class Thread {
  @PrimaryColumn('uuid', { name: 'thread_id' })
  threadId: string

  @Column('text')
  status: ThreadStatus

  /** What the status was when the last run settled: what a cancelled or rolled back run returns it to. */
  @Column('text', { name: 'settled_status' })
  settledStatus: SettledThreadStatus

  /** Searchable; holds `graph_id` and `assistant_id` from the first run on. */
  @Column('jsonb')
  metadata: JsonObject

  /** The merged run configuration; `{}` before the first run. */
  @Column('jsonb')
  config: JsonObject

  /** State values at the last settled run; null before. */
  @Column('jsonb', { nullable: true })
  values: unknown

  /** Task id → its interrupts. */
  @Column('jsonb')
  interrupts: JsonObject

  /** Why the last run failed while the status is `error`. */
  @Column('jsonb', { nullable: true })
  error: ThreadError | null

  /** Made for one stateless run and gone with its end (contract 7.3): no search shows it. */
  @Column('boolean')
  temporary: boolean

  /** How long the thread lives, and what becomes of it then; null, as the next two, for one that lives for ever. */
  @Column('double precision', { name: 'ttl_minutes', nullable: true })
  ttlMinutes: ThreadTtl['minutes'] | null

  @Column('text', { name: 'ttl_strategy', nullable: true })
  ttlStrategy: ThreadTtl['strategy'] | null

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date

  @Column('timestamptz', { name: 'state_updated_at' })
  stateUpdatedAt: Date
}

/** The error of a failed run. */
export interface ThreadError {
  readonly error: string
  readonly message: string
}

/** What a decision about a thread's runs needs: without its values, which may be large. */
export type LockedThread = Pick<Thread, 'threadId' | 'status' | 'settledStatus' | 'metadata' | 'config' | 'temporary'>
