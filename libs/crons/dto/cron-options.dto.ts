import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator'
import { RunOptionsDto } from '#runs'

/** What a schedule is, in a refusal. */
export const A_SCHEDULE = 'a text such as "0 9 * * mon-fri" (minute, hour, day of month, month, day of week)'

/** What may be said of a cron when it is made and when it is changed (contract 8.1). */
export class CronOptionsDto extends RunOptionsDto {
  /** An IANA name such as `Europe/Berlin`; default UTC, which `null` in a change goes back to. */
  @IsOptional()
  @IsString()
  timezone?: string | null

  /** ISO 8601; without a zone it is UTC. No occurrence after it is fired. In a change `null` clears it. */
  @IsOptional()
  @IsString()
  end_time?: string | null

  /** Default `true`. Enabling goes on from now. */
  @IsOptional()
  @IsBoolean()
  enabled?: boolean | null

  /** What becomes of the thread of a firing, where the cron has none; default `delete`. */
  @IsOptional()
  @IsIn(['delete', 'keep'])
  on_run_completed?: 'delete' | 'keep' | null
}
