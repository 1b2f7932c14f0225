import { Column, Entity, PrimaryColumn } from 'typeorm'

/** One HTTP try of a delivery. */
@Entity('webhook_attempts')
export class WebhookAttempt {
  @PrimaryColumn('uuid', { name: 'delivery_id' })
  deliveryId: string

  /** 1, 2, … over the delivery's whole life: what `x-signalbox-attempt` said. */
  @PrimaryColumn('integer')
  attempt: number

  @Column('timestamptz', { name: 'started_at' })
  startedAt: Date

  @Column('integer', { name: 'duration_ms' })
  durationMs: number

  @Column('integer', { name: 'http_status', nullable: true })
  httpStatus: number | null

  /** Null when it succeeded. */
  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null

  /** Why the target was refused; null when it was not. */
  @Column('text', { nullable: true })
  reason: string | null

  /** The first 4 KiB of the answer. */
  @Column('text', { name: 'response_body', nullable: true })
  responseBody: string | null
}
