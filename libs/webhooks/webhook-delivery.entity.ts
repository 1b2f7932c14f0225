import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { FinalRunStatus, SettledThreadStatus } from '#events'

/** `pending` again between attempts; `dead` and `cancelled` are never attempted again unless redelivered. */
export const DELIVERY_STATUSES = ['pending', 'delivering', 'delivered', 'dead', 'cancelled'] as const

/** The state of a delivery. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** Our duty to post one ended run to its webhook. Holds all that it needs: it outlives its run. */
@Entity('webhook_deliveries')
export class WebhookDelivery {
  @PrimaryColumn('uuid', { name: 'delivery_id' })
  deliveryId: string

  @Column('uuid', { name: 'run_id' })
  runId: string

  @Column('uuid', { name: 'thread_id' })
  threadId: string

  @Column('uuid', { name: 'assistant_id' })
  assistantId: string

  @Column('text')
  url: string

  /** Scheme, host and port; `path` for this server's own routes, `path:/inspector/BIN` for a bin of the inspector. */
  @Column('text', { name: 'host_key' })
  hostKey: string

  /** The frozen bytes; null where none could be built, and once they were removed. */
  @Column('bytea', { nullable: true })
  body: Buffer | null

  @Column('text', { name: 'run_status' })
  runStatus: FinalRunStatus

  @Column('text', { name: 'thread_status' })
  threadStatus: SettledThreadStatus

  @Column('text')
  status: DeliveryStatus

  /** Claims in its whole life. */
  @Column('integer', { default: 0 })
  attempts: number

  /** Claims since it was last queued. */
  @Column('integer', { name: 'cycle_attempts', default: 0 })
  cycleAttempts: number

  @Column('timestamptz', { name: 'next_attempt_at', nullable: true })
  nextAttemptAt: Date | null

  /** Less the time that webhooks were held in all (`HELD_TIME`), which is added whenever it is read. */
  @Column('timestamptz', { name: 'give_up_at' })
  giveUpAt: Date

  @Column('text', { name: 'claimed_by', nullable: true })
  claimedBy: string | null

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null

  @Column('text', { name: 'last_error_code', nullable: true })
  lastErrorCode: string | null

  @Column('integer', { name: 'last_http_status', nullable: true })
  lastHttpStatus: number | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date

  @Column('timestamptz', { name: 'run_ended_at' })
  runEndedAt: Date

  /** When it became delivered, dead or cancelled. */
  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt: Date | null
}
