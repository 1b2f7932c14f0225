import { lastQueryValue, type QueryValue } from '#http'
import { invalidRequest, requireUuid } from '#kernel'
import { requireKnownFields } from '../known-fields.js'
import type { DeliveryStatus } from '../webhook-delivery.entity.js'

/** Every state of a delivery. */
export const DELIVERY_STATUSES = ['pending', 'delivering', 'delivered', 'dead', 'cancelled'] as const

/** Which deliveries are meant; null means any. */
export interface DeliveryFilter {
  readonly status: DeliveryStatus | null
  readonly runId: string | null
  readonly threadId: string | null
  /** A host key (`https://x:443`, `path`, `path:/inspector/x`), or a bare host name in lower case. */
  readonly host: string | null
  /** Created then or later. */
  readonly createdAfter: Date | null
  /** Created earlier. */
  readonly createdBefore: Date | null
}

const FILTER_FIELDS = ['status', 'run_id', 'thread_id', 'host', 'created_after', 'created_before'] as const

/** The fields of a filter as a client writes them; null and empty are absent. */
export type FilterFields = Readonly<Partial<Record<(typeof FILTER_FIELDS)[number], string | null>>>

/**
 * A misspelt filter would mean more deliveries than were meant. `others` may stand beside the filters.
 * @throws AppError 422 naming a field that there is not.
 */
export function requireKnownFilters(body: unknown, others: readonly string[] = []): void {
  requireKnownFields(body, [...FILTER_FIELDS, ...others], 'filter')
}

/** The filter in a query; of a repeated parameter the last counts. @throws AppError 422 naming the field. */
export function deliveryFilterOfQuery(query: Readonly<Record<string, QueryValue>>): DeliveryFilter {
  return deliveryFilterOf({
    status: lastQueryValue(query['status']),
    run_id: lastQueryValue(query['run_id']),
    thread_id: lastQueryValue(query['thread_id']),
    host: lastQueryValue(query['host']),
    created_after: lastQueryValue(query['created_after']),
    created_before: lastQueryValue(query['created_before']),
  })
}

/** The filter that these fields mean. @throws AppError 422 naming the field. */
export function deliveryFilterOf(fields: FilterFields): DeliveryFilter {
  return {
    status: fields.status ? requireStatus(fields.status) : null,
    runId: fields.run_id ? requireUuid('run', fields.run_id) : null,
    threadId: fields.thread_id ? requireUuid('thread', fields.thread_id) : null,
    host: fields.host ? normalHost(fields.host) : null,
    createdAfter: parseTime(fields.created_after, 'created_after'),
    createdBefore: parseTime(fields.created_before, 'created_before'),
  }
}

/** @throws AppError 422 for a filter that leaves nothing out. */
export function requireNarrow(filter: DeliveryFilter): void {
  if (Object.values(filter).some((value) => value !== null)) return
  throw invalidRequest(`body: must name at least one filter of ${FILTER_FIELDS.join(', ')}`)
}

/** ISO 8601 with a zone; without a time of day it is midnight UTC. Years that every part of the program can hold. */
const ISO_TIME = /^[12]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/i

/** The time in a field; null when it is absent. @throws AppError 422 naming the field. */
export function parseTime(text: string | null | undefined, field: string): Date | null {
  if (text === null || text === undefined || text === '') return null
  const time = ISO_TIME.test(text) && isDate(text.slice(0, 10)) ? new Date(text) : null
  if (time && !Number.isNaN(time.getTime())) return time
  throw invalidRequest(`${field}: must be an ISO 8601 time with its zone, for example 2026-03-01T12:00:00Z`)
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isDate(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

function requireStatus(text: string): DeliveryStatus {
  const status = DELIVERY_STATUSES.find((known) => known === text)
  if (status) return status
  throw invalidRequest(`status: must be one of ${DELIVERY_STATUSES.join(', ')}`)
}

/** As host keys are written. @throws AppError 422 for what no host can be. */
function normalHost(text: string): string {
  const host = text.toLowerCase()
  // oxlint-disable-next-line no-control-regex -- U+0000 is what PostgreSQL cannot take
  if (/[\u0000-\u0020]/.test(host)) throw invalidRequest('host: must be a host name, or a key such as https://x:443')
  return host.includes(':') && !host.includes('/') && !host.startsWith('[') ? `[${host}]` : host
}
