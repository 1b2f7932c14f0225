import { isJsonObject, type JsonObject } from '#kernel'
import type { MultitaskStrategy, RunOptionsDto } from '#runs'

/** The body with which a cron creates its runs (contract 8.1), every default in it. Stored as it is. */
export interface CronPayload {
  /** Resolved: a UUID. */
  readonly assistant_id: string
  readonly input: unknown
  readonly metadata: JsonObject
  /** `configurable.cron_id` is always the cron's own. */
  readonly config: JsonObject
  readonly context: JsonObject
  readonly webhook: string | null
  readonly interrupt_before: string | readonly string[] | null
  readonly interrupt_after: string | readonly string[] | null
  readonly multitask_strategy: MultitaskStrategy
  readonly stream_mode: readonly string[]
  readonly stream_subgraphs: boolean
  readonly stream_resumable: boolean
  readonly durability: 'sync' | 'async' | 'exit'
}

/** What a client says of it. */
export type PayloadChanges = Partial<Omit<CronPayload, 'assistant_id'>>

const DEFAULTS: Omit<CronPayload, 'assistant_id'> = {
  input: null,
  metadata: {},
  config: {},
  context: {},
  webhook: null,
  interrupt_before: null,
  interrupt_after: null,
  multitask_strategy: 'enqueue',
  stream_mode: ['values'],
  stream_subgraphs: false,
  stream_resumable: false,
  durability: 'async',
}

/** The payload of a new cron. */
export function newPayload(changes: PayloadChanges, ids: { assistantId: string; cronId: string }): CronPayload {
  return withCronId({ ...DEFAULTS, ...changes, assistant_id: ids.assistantId }, ids.cronId)
}

/** The payload after a change: field by field, metadata key by key (contract 8.2). */
export function changedPayload(payload: CronPayload, changes: PayloadChanges, cronId: string): CronPayload {
  const metadata = { ...payload.metadata, ...changes.metadata }
  return withCronId({ ...payload, ...changes, metadata }, cronId)
}

/** The fields that are given: `null` means something for `input` and `webhook`, else it is the same as absent. */
export function payloadChanges(dto: RunOptionsDto): PayloadChanges {
  const changes = {
    input: dto.input,
    metadata: dto.metadata ?? undefined,
    config: dto.config ?? undefined,
    context: dto.context ?? undefined,
    webhook: dto.webhook,
    interrupt_before: dto.interrupt_before ?? undefined,
    interrupt_after: dto.interrupt_after ?? undefined,
    multitask_strategy: dto.multitask_strategy ?? undefined,
    stream_mode: streamModes(dto.stream_mode),
    stream_subgraphs: dto.stream_subgraphs ?? undefined,
    stream_resumable: dto.stream_resumable ?? undefined,
    durability: dto.durability ?? olderForm(dto.checkpoint_during),
  }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

function withCronId(payload: CronPayload, cronId: string): CronPayload {
  const { configurable } = payload.config
  const own = { ...(isJsonObject(configurable) ? configurable : {}), cron_id: cronId }
  return { ...payload, config: { ...payload.config, configurable: own } }
}

function streamModes(given: string | string[] | null | undefined): readonly string[] | undefined {
  if (given == null) return undefined
  if (typeof given === 'string') return [given]
  return given.length > 0 ? given : DEFAULTS.stream_mode
}

function olderForm(checkpointDuring: boolean | null | undefined): 'async' | 'exit' | undefined {
  if (checkpointDuring == null) return undefined
  return checkpointDuring ? 'async' : 'exit'
}
