import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString } from 'class-validator'
import { parseDto } from '#http'
import { invalidRequest, requireUuid } from '#kernel'
import type { RunStatus } from '../run.js'

/** Runs named in one request at most. */
const MAX_RUNS = 1_000

/** The states of a run in which it can be cancelled. */
export type ActiveStatus = Extract<RunStatus, 'pending' | 'running'>

/** Which runs to cancel: named ones of one thread, or all in a state. */
export type CancelTarget =
  { readonly threadId: string; readonly runIds: readonly string[] } | { readonly statuses: readonly ActiveStatus[] }

const STATUSES: ReadonlyMap<unknown, readonly ActiveStatus[]> = new Map<unknown, readonly ActiveStatus[]>([
  ['pending', ['pending']],
  ['running', ['running']],
  ['all', ['pending', 'running']],
])

/** The body of `POST /runs/cancel` (contract 5.12): `thread_id` with `run_ids`, or `status`. */
export class CancelRunsDto {
  /** A UUID. */
  @IsOptional()
  @IsString()
  thread_id?: string | null

  /** UUIDs. */
  @IsOptional()
  @IsString({ each: true, message: '$property must be a list of run ids' })
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_RUNS)
  @IsArray()
  run_ids?: string[] | null

  /** `pending`, `running` or `all`, on every thread. */
  @IsOptional()
  status?: unknown
}

/** @throws AppError `invalid_request` or `invalid_id` naming the field. */
export function readCancelTarget(body: unknown): CancelTarget {
  const { thread_id, run_ids, status } = parseDto(CancelRunsDto, body)
  if (status != null) {
    if (thread_id != null || run_ids != null) {
      throw invalidRequest('status: must not be combined with thread_id or run_ids')
    }
    const statuses = STATUSES.get(status)
    if (!statuses) throw invalidRequest("Invalid status: must be 'pending', 'running', or 'all'")
    return { statuses }
  }
  if (thread_id == null || run_ids == null) throw invalidRequest('body: must hold thread_id and run_ids, or status')
  return { threadId: requireUuid('thread', thread_id), runIds: run_ids.map((id) => requireUuid('run', id)) }
}
