import { STREAM_MODES } from '#graphs'
import {
  isDeeperThan,
  lastQueryValue,
  LIMIT_RANGE,
  MAX_JSON_DEPTH,
  OFFSET_RANGE,
  parseBooleanQuery,
  parseIntegerQuery,
  parseListQuery,
  type QueryValue,
  requireSelectable,
} from '#http'
import { invalidRequest, isJsonObject, type JsonObject } from '#kernel'
import { type CancelAction, RUN_STATUSES, type RunStatus } from '../run.js'

/** A query string as Fastify gives it. */
export type Query = Readonly<Record<string, QueryValue>>

/** Fields of a run that `select` may name (contract 1.13). */
const RUN_FIELDS = [
  'run_id',
  'thread_id',
  'assistant_id',
  'created_at',
  'updated_at',
  'status',
  'metadata',
  'kwargs',
  'multitask_strategy',
]

/** `GET /threads/{id}/runs` (contract 5.9). @throws AppError `invalid_request` naming the parameter. */
export function readListQuery(query: Query) {
  return {
    limit: parseIntegerQuery(query['limit'], 'limit', LIMIT_RANGE) ?? 10,
    offset: parseIntegerQuery(query['offset'], 'offset', OFFSET_RANGE) ?? 0,
    status: oneOf<RunStatus>(query['status'], 'status', RUN_STATUSES),
    metadata: jsonObject(query['metadata'], 'metadata'),
    select: requireSelectable(parseListQuery(query['select']), RUN_FIELDS),
  }
}

/** `action` of a cancel of many (contract 5.12). @throws AppError `invalid_request`. */
export function readCancelAction(query: Query): CancelAction {
  return oneOf<CancelAction>(query['action'], 'action', ['interrupt', 'rollback']) ?? 'interrupt'
}

/** `action` and `wait` of a cancel (contract 5.11). @throws AppError `invalid_request` naming the parameter. */
export function readCancelQuery(query: Query): { action: CancelAction; wait: boolean } {
  return {
    action: readCancelAction(query),
    wait: parseBooleanQuery(query['wait'], 'wait') ?? false,
  }
}

/** What a join says in its query. */
export interface JoinQuery {
  /** Null is every mode. */
  readonly modes: readonly string[] | null
  readonly cancelOnDisconnect: boolean
  /** Our own `last_event_id`, for a client that reconnects before it has seen an event. */
  readonly afterId: string | null
}

/** `stream_mode` and `cancel_on_disconnect` of a join (contract 6.7). @throws AppError `invalid_request`. */
export function readJoinQuery(query: Query): JoinQuery {
  const modes = parseListQuery(query['stream_mode'])
  for (const mode of modes) oneOf(mode, 'stream_mode', STREAM_MODES)
  return {
    modes: modes.length > 0 ? modes : null,
    cancelOnDisconnect: parseBooleanQuery(query['cancel_on_disconnect'], 'cancel_on_disconnect') ?? false,
    afterId: lastQueryValue(query['last_event_id']) || null,
  }
}

function oneOf<Word extends string>(value: QueryValue, name: string, allowed: readonly Word[]): Word | null {
  const word = parseListQuery(value)[0]
  if (word === undefined) return null
  const known = allowed.find((candidate) => candidate === word)
  if (known === undefined) throw invalidRequest(`${name}: must be one of ${allowed.join(', ')}`)
  return known
}

/** One parameter that holds a JSON object; empty is absent. */
function jsonObject(value: QueryValue, name: string): JsonObject | null {
  const text = lastQueryValue(value)
  if (text === '') return null
  const parsed = parseJson(text)
  if (!isJsonObject(parsed) || isDeeperThan(parsed, MAX_JSON_DEPTH))
    throw invalidRequest(`${name}: must be a JSON object`)
  return parsed
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
