import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator'

/** Body of `PATCH /webhooks/settings` (webhooks contract section 6). */
export class ChangeSettingsDto {
  /** True: nothing is sent any more, and what comes is held. False: what is held is sent. */
  @IsBoolean()
  disabled: boolean

  /** Who says so; for the record. */
  @IsOptional()
  @MaxLength(200)
  @IsString()
  by?: string | null

  /** Why; for the record. */
  @IsOptional()
  @MaxLength(1000)
  @IsString()
  reason?: string | null

  /** With `disabled: false` alone: what was held is cancelled and never sent. */
  @IsOptional()
  @IsBoolean()
  discard_held?: boolean | null
}
