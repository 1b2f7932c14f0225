import { isIP } from 'node:net'
import { lastQueryValue, type QueryValue } from '#http'
import { invalidRequest, requireUuid } from '#kernel'
import { requireKnownFields } from '../known-fields.js'
import { DELIVERY_STATUSES, type DeliveryStatus } from '../webhook-delivery.entity.js'

/** Which deliveries are meant; null means any. */
export interface DeliveryFilter {
  readonly status: DeliveryStatus | null
  readonly runId: string | null
  readonly threadId: string | null
  /** A host key (`https://x:443`, `path`, `path:/inspector/x`), or the host of one, with its port or without. */
  readonly host: string | null
  /** Created then or later. */
  readonly createdAfter: Date | null
  /** Created earlier. */
  readonly createdBefore: Date | null
}

const FILTER_FIELDS = ['status', 'run_id', 'thread_id', 'host', 'created_after', 'created_before'] as const

/** The fields of a filter as a client writes them; null is absent. */
export type FilterFields = Readonly<Partial<Record<(typeof FILTER_FIELDS)[number], string | null>>>

/**
 * A misspelt filter would mean more deliveries than were meant. `others` may stand beside the filters.
 * @throws AppError 422 naming a field that there is not.
 */
export function requireKnownFilters(body: unknown, others: readonly string[] = []): void {
  requireKnownFields(body, [...FILTER_FIELDS, ...others], 'filter')
}

/**
 * Of a parameter that is given twice one would be passed over without a word.
 * @throws AppError 422 naming one that is.
 */
export function requireOnce(query: Readonly<Record<string, QueryValue>>): void {
  const repeated = Object.keys(query).find((field) => Array.isArray(query[field]))
  if (repeated !== undefined) throw invalidRequest(`${repeated}: must be given once`)
}

/** The filter in a query. @throws AppError 422 naming the field, also when it is empty. */
export function deliveryFilterOfQuery(query: Readonly<Record<string, QueryValue>>): DeliveryFilter {
  const given = FILTER_FIELDS.filter((field) => query[field] !== undefined)
  return deliveryFilterOfBody(Object.fromEntries(given.map((field) => [field, lastQueryValue(query[field])])))
}

/**
 * The filter in a body. An empty text is refused: it is a variable that was not set, and more deliveries would be meant
 * than were. @throws AppError 422 naming the field.
 */
export function deliveryFilterOfBody(fields: FilterFields): DeliveryFilter {
  const empty = FILTER_FIELDS.find((field) => fields[field] === '')
  if (empty !== undefined) throw invalidRequest(`${empty}: must not be empty; leave it out to mean any`)
  return deliveryFilterOf(fields)
}

function deliveryFilterOf(fields: FilterFields): DeliveryFilter {
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

const BIN_KEY = /^path(:\/inspector\/[^/?#\s\p{Cc}]+)?$/u
const ORIGIN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(?::(\d{1,5}))?\/?$/
const HOST_AND_PORT = /^((?:\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(?::\d{1,5})?)\/?$/
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** As host keys are written, or as much of one as is said. @throws AppError 422 for what no delivery could have. */
function normalHost(text: string): string {
  if (BIN_KEY.test(text)) return text
  const host = text.toLowerCase()
  if (isIP(host) === 6) return `[${host}]`
  const [, scheme, name, port] = ORIGIN.exec(host) ?? []
  if (scheme !== undefined) return `${scheme}://${name}:${port ?? DEFAULT_PORTS[scheme]}`
  const [, bare] = HOST_AND_PORT.exec(host) ?? []
  if (bare !== undefined) return bare
  throw invalidRequest('host: must be a host, host:port, scheme://host:port, "path" or "path:/inspector/BIN"')
}
