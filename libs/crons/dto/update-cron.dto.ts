import { IsNotEmpty, IsOptional, IsString } from 'class-validator'
import type { JsonObject } from '#kernel'
import { type PayloadChanges, payloadChanges } from '../cron-payload.js'
import type { OnRunCompleted } from '../cron.entity.js'
import { noCronFields } from '../crons.errors.js'
import { A_SCHEDULE, CronOptionsDto } from './cron-options.dto.js'

/**
 * Body of `PATCH /runs/crons/{cron_id}` (contract 8.2). Absent leaves as it is, and so does `null`, but for `end_time`,
 * `timezone` and `webhook`, which it clears, and `input`.
 */
export class UpdateCronDto extends CronOptionsDto {
  /** As when it was made. */
  @IsOptional()
  @IsString({ message: `$property must be ${A_SCHEDULE}` })
  @IsNotEmpty()
  schedule?: string | null
}

/** A change of a cron; `undefined` leaves as it is. */
export interface CronChanges {
  readonly schedule: string | undefined
  /** Null is UTC. */
  readonly timezone: string | null | undefined
  /** Null clears it. */
  readonly endTime: string | null | undefined
  readonly enabled: boolean | undefined
  readonly onRunCompleted: OnRunCompleted | undefined
  readonly metadata: JsonObject | undefined
  readonly payload: PayloadChanges
}

/** The change in a body. @throws AppError `no_cron_fields` when it changes nothing. */
export function cronChangesOf(dto: UpdateCronDto): CronChanges {
  const own = {
    schedule: dto.schedule ?? undefined,
    timezone: dto.timezone,
    endTime: dto.end_time,
    enabled: dto.enabled ?? undefined,
    onRunCompleted: dto.on_run_completed ?? undefined,
    metadata: dto.metadata ?? undefined,
  }
  const payload = payloadChanges(dto)
  const given = [...Object.values(own), ...Object.values(payload)].filter((value) => value !== undefined)
  if (given.length === 0) throw noCronFields()
  return { ...own, payload }
}
