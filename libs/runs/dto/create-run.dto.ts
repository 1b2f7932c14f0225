import { IsIn, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import { RunOptionsDto } from './run-options.dto.js'
import { IsOneOrMany } from './run-validators.js'

/** Ten years: a longer delay is a mistake of units. */
const MAX_DELAY_SECONDS = 10 * 365 * 86_400

/** The body of every route that creates a run (contract 5.2). `null` is the same as absent, but for `input`. */
export class CreateRunDto extends RunOptionsDto {
  /** UUID of an assistant, or the id of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id: string

  /** Read as a `CommandDto` (contract 5.6); goes before `input`. */
  @IsOptional()
  @IsJsonObject()
  command?: JsonObject | null

  /** Where to fork from; read as a `CheckpointDto`. */
  @IsOptional()
  @IsJsonObject()
  checkpoint?: JsonObject | null

  /** A UUID: the older form of `checkpoint`, which wins. */
  @IsOptional()
  @IsString()
  checkpoint_id?: string | null

  /** Keys of a final `feedback` event. */
  @IsOptional()
  @IsOneOrMany(null)
  feedback_keys?: string | string[] | null

  /** What to do when the thread is missing; default `reject`. */
  @IsOptional()
  @IsIn(['create', 'reject'])
  if_not_exists?: 'create' | 'reject' | null

  /** Seconds before the run may start. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(MAX_DELAY_SECONDS)
  after_seconds?: number | null

  /** What happens to the run when the client that streams or waits leaves; default `continue`. */
  @IsOptional()
  @IsIn(['cancel', 'continue'])
  on_disconnect?: 'cancel' | 'continue' | null

  /** Stateless only: whether the thread stays; default `delete`. `complete` and `continue` are the JS typings' words. */
  @IsOptional()
  @IsIn(['delete', 'keep', 'complete', 'continue'])
  on_completion?: 'delete' | 'keep' | 'complete' | 'continue' | null
}
