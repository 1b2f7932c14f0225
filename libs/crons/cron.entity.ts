import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { JsonObject } from '#kernel'
import type { CronPayload } from './cron-payload.js'

/** What becomes of the thread of a firing that has one of its own. */
export type OnRunCompleted = 'delete' | 'keep'

/** A schedule that makes runs (contract 2.5). */
@Entity('crons')
export class Cron {
  @PrimaryColumn('uuid', { name: 'cron_id' })
  cronId: string

  @Column('uuid', { name: 'assistant_id' })
  assistantId: string

  /** Null for a cron whose every firing gets a thread of its own. */
  @Column('uuid', { name: 'thread_id', nullable: true })
  threadId: string | null

  @Column('text')
  schedule: string

  /** An IANA name; null is UTC. */
  @Column('text', { nullable: true })
  timezone: string | null

  /** No occurrence after it is fired. */
  @Column('timestamptz', { name: 'end_time', nullable: true })
  endTime: Date | null

  /** The occurrence that is to be fired next; null when none is left. */
  @Column('timestamptz', { name: 'next_run_date', nullable: true })
  nextRunDate: Date | null

  @Column('boolean')
  enabled: boolean

  /** Why the server has disabled it; null while it has not. */
  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason: string | null

  /** Null for a cron of a thread. */
  @Column('text', { name: 'on_run_completed', nullable: true })
  onRunCompleted: OnRunCompleted | null

  /** What each of its runs is created with. */
  @Column('jsonb')
  payload: CronPayload

  /** Searchable. */
  @Column('jsonb')
  metadata: JsonObject

  /** Who made it: its runs are made in this name. Null where nobody is known. */
  @Column('text', { name: 'user_id', nullable: true })
  userId: string | null

  /** The same with all that authentication said of them, for their runs; never shown. */
  @Column('jsonb', { nullable: true })
  creator: JsonObject | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date

  /** When a client changed it, or the server disabled it; firing leaves it as it is. */
  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date
}

/** The same as plain data, which may be copied. */
export type CronData = { [Field in keyof Cron]: Cron[Field] }
