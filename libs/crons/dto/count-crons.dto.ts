import { IsBoolean, IsOptional, IsString } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'

/** Body of `POST /runs/crons/count` (contract 8.6); `enabled` is ours. */
export class CountCronsDto {
  /** UUID of an assistant, or the id of a graph. */
  @IsOptional()
  @IsString()
  assistant_id?: string | null

  /** A UUID. */
  @IsOptional()
  @IsString()
  thread_id?: string | null

  /** Only those that are, or are not. */
  @IsOptional()
  @IsBoolean()
  enabled?: boolean | null

  /** Contained in the cron's metadata. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null
}
