import { CheckpointDto, parseDto } from '#http'
import { type JsonObject, requireUuid } from '#kernel'
import { CommandDto } from '#threads'
import type { RunRequest } from '../run-request.js'
import { CreateRunDto } from './create-run.dto.js'

const DEFAULT_STREAM_MODES = ['values']

/** Puts every default in (contract 5.2). @throws AppError `invalid_request` or `invalid_id` for a wrong `command` or `checkpoint`. */
export function toRunRequest(dto: CreateRunDto, injected: JsonObject): RunRequest {
  const modes = listOf(dto.stream_mode)
  return {
    assistantId: dto.assistant_id,
    input: dto.input ?? null,
    command: dto.command ? withoutNulls(parseDto(CommandDto, dto.command, 'command')) : null,
    metadata: dto.metadata ?? {},
    config: withoutNulls(dto.config ?? {}),
    context: dto.context ?? {},
    checkpoint: forkPoint(dto),
    streamModes: modes.length > 0 ? [...new Set(modes)] : DEFAULT_STREAM_MODES,
    streamSubgraphs: dto.stream_subgraphs ?? false,
    streamResumable: dto.stream_resumable ?? false,
    feedbackKeys: dto.feedback_keys == null ? null : listOf(dto.feedback_keys),
    interruptBefore: nodeSelection(dto.interrupt_before),
    interruptAfter: nodeSelection(dto.interrupt_after),
    webhook: dto.webhook ?? null,
    multitaskStrategy: dto.multitask_strategy ?? 'enqueue',
    ifNotExists: dto.if_not_exists ?? 'reject',
    afterSeconds: dto.after_seconds ?? 0,
    onDisconnect: dto.on_disconnect ?? 'continue',
    onCompletion: dto.on_completion === 'keep' || dto.on_completion === 'continue' ? 'keep' : 'delete',
    durability: dto.durability ?? (dto.checkpoint_during === false ? 'exit' : 'async'),
    injected,
  }
}

/** A request that no HTTP request brings, from the fields of its body. @throws AppError as the routes do. */
export function readRunRequest(body: JsonObject): RunRequest {
  return toRunRequest(parseDto(CreateRunDto, body), {})
}

function forkPoint({ checkpoint, checkpoint_id: olderForm }: CreateRunDto): JsonObject {
  const { checkpoint_id, checkpoint_ns, checkpoint_map } = parseDto(CheckpointDto, checkpoint, 'checkpoint')
  const id = checkpoint_id ?? olderForm
  return {
    ...(id == null ? {} : { checkpoint_id: requireUuid('checkpoint', id) }),
    ...(checkpoint_ns == null ? {} : { checkpoint_ns }),
    ...(checkpoint_map == null ? {} : { checkpoint_map }),
  }
}

function nodeSelection(value: string | string[] | null | undefined): '*' | readonly string[] | null {
  if (value == null) return null
  return Array.isArray(value) ? value : '*'
}

function withoutNulls(object: object): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value != null))
}

function listOf(value: string | string[] | null | undefined): readonly string[] {
  if (value == null) return []
  return Array.isArray(value) ? value : [value]
}
