import { newId } from '#kernel'
import type { TestDatabase } from '#testing'
import type { DeliveryStatus } from '../webhook-delivery.entity.js'
import type { WebhooksUnderTest } from '../webhooks.spec.support.js'

/** An answer of an admin route. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

/** What a spec wants different from a dead delivery with one attempt. */
export interface StoredDelivery {
  readonly deliveryId?: string
  readonly runId?: string
  readonly threadId?: string
  readonly url?: string
  readonly hostKey?: string
  readonly status?: DeliveryStatus
  readonly body?: string | null
  readonly createdAt?: Date
  readonly durationMs?: number
}

/** Asks as somebody at the machine itself. */
export async function ask(
  { app }: WebhooksUnderTest,
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
): Promise<AdminAnswer> {
  const headers = { host: 'localhost' }
  const answer = await app.inject({ method, url: `/webhooks${url}`, headers, ...(payload && { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json<unknown>() }
}

/** Stores a delivery behind the server's back; answers its id. */
export async function storeDelivery(db: TestDatabase, delivery: StoredDelivery = {}): Promise<string> {
  const { url = 'https://example.com/hook', hostKey = 'https://example.com:443', body = '{"run_id":"r"}' } = delivery
  const { deliveryId = newId(), status = 'dead', createdAt = new Date('2026-03-01T12:00:00.000Z') } = delivery
  await db.database.query(INSERT, [
    deliveryId,
    delivery.runId ?? newId(),
    delivery.threadId ?? newId(),
    newId(),
    url,
    hostKey,
    body === null ? null : Buffer.from(body),
    status,
    createdAt,
    delivery.durationMs ?? 4,
  ])
  return deliveryId
}

const INSERT = `
WITH delivery AS (
  INSERT INTO webhook_deliveries (delivery_id, run_id, thread_id, assistant_id, url, host_key, body, run_status,
    thread_status, status, attempts, cycle_attempts, next_attempt_at, give_up_at, created_at, run_ended_at, settled_at,
    claimed_by, lease_until)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'success', 'idle', $8, 1, 1,
    CASE WHEN $8 = 'pending' THEN $9::timestamptz + interval '1 h' END, $9::timestamptz + interval '4 days', $9, $9,
    CASE WHEN $8 NOT IN ('pending', 'delivering') THEN $9::timestamptz END,
    CASE WHEN $8 = 'delivering' THEN 'another' END,
    CASE WHEN $8 = 'delivering' THEN $9::timestamptz + interval '1 day' END)
  RETURNING delivery_id
)
INSERT INTO webhook_attempts (delivery_id, attempt, started_at, duration_ms, http_status, error_code)
SELECT delivery_id, 1, $9, $10, 500, 'status' FROM delivery`
