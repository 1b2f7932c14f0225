import { IsNotEmpty, IsString } from 'class-validator'
import type { JsonObject } from '#kernel'
import { type PayloadChanges, payloadChanges } from '../cron-payload.js'
import type { OnRunCompleted } from '../cron.entity.js'
import { A_SCHEDULE, CronOptionsDto } from './cron-options.dto.js'

/** Body of `POST /runs/crons` and `POST /threads/{id}/runs/crons` (contract 8.1). */
export class CreateCronDto extends CronOptionsDto {
  /** Minute, hour, day of month, month, day of week; a sixth field is the second. */
  @IsString({ message: `$property must be ${A_SCHEDULE}` })
  @IsNotEmpty({ message: `$property is required, ${A_SCHEDULE}` })
  schedule: string

  /** UUID of an assistant, or the id of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id: string
}

/** A cron to be made, every default in it. */
export interface CronRequest {
  readonly assistantId: string
  readonly schedule: string
  readonly timezone: string | null
  readonly endTime: string | null
  readonly enabled: boolean
  /** Counts only for a cron without a thread. */
  readonly onRunCompleted: OnRunCompleted
  readonly metadata: JsonObject
  readonly payload: PayloadChanges
}

/** The request in a body. */
export function cronRequestOf(dto: CreateCronDto): CronRequest {
  return {
    assistantId: dto.assistant_id,
    schedule: dto.schedule,
    timezone: dto.timezone ?? null,
    endTime: dto.end_time ?? null,
    enabled: dto.enabled ?? true,
    onRunCompleted: dto.on_run_completed ?? 'delete',
    metadata: dto.metadata ?? {},
    payload: payloadChanges(dto),
  }
}
