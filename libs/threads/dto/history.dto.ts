import { IsArray, IsOptional, IsString } from 'class-validator'
import { IsJsonObject, IsLimit } from '#http'
import { invalidRequest, isJsonObject, type JsonObject, requireUuid } from '#kernel'

/** Body of `POST /threads/{thread_id}/history` (contract 4.10). */
export class HistoryDto {
  /** Most states; default 10. */
  @IsLimit()
  limit?: number | null

  /** Only states before this checkpoint: its id, a Checkpoint, or a config. Read by `toBefore`. */
  @IsOptional()
  before?: unknown

  /** Contained in the checkpoint's metadata. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** A subgraph's namespace, read as a `CheckpointDto`. */
  @IsOptional()
  @IsJsonObject()
  checkpoint?: JsonObject | null

  /** Fields of each state, or `values.<key>`; all when absent. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  select?: string[] | null
}

/** The id of a checkpoint in any of its three forms; empty is absent. @throws AppError `invalid_request`, `invalid_id`. */
export function toBefore(before: unknown): string | undefined {
  if (before === null || before === undefined || before === '') return undefined
  const id = idOf(before)
  if (typeof id !== 'string') throw invalidRequest('before: must be a checkpoint, its id, or a config that names one')
  return requireUuid('checkpoint', id)
}

function idOf(before: unknown): unknown {
  if (!isJsonObject(before)) return before
  const { checkpoint_id, configurable } = before
  return checkpoint_id ?? (isJsonObject(configurable) ? configurable['checkpoint_id'] : undefined)
}
