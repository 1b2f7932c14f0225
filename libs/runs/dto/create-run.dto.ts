import { IsBoolean, IsIn, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator'
import { STREAM_MODES } from '#graphs'
import { IsJsonObject, IsRunConfig } from '#http'
import type { JsonObject } from '#kernel'
import { IsNodeSelection, IsOneOrMany } from './run-validators.js'

/** Ten years: a longer delay is a mistake of units. */
const MAX_DELAY_SECONDS = 10 * 365 * 86_400

/** The body of every route that creates a run (contract 5.2). `null` is the same as absent, but for `input`. */
export class CreateRunDto {
  /** UUID of an assistant, or the id of a graph. */
  @IsString()
  @IsNotEmpty()
  assistant_id: string

  /** Any JSON; `null` or absent goes on from the thread's state. */
  @IsOptional()
  input?: unknown

  /** Read as a `CommandDto` (contract 5.6); goes before `input`. */
  @IsOptional()
  @IsJsonObject()
  command?: JsonObject | null

  /** Labels of the run, copied to its checkpoints. */
  @IsOptional()
  @IsJsonObject()
  metadata?: JsonObject | null

  /** `tags`, `recursion_limit`, `configurable`, `metadata`; others are passed on. */
  @IsOptional()
  @IsRunConfig()
  config?: JsonObject | null

  /** Static context of the graph, over the assistant's. */
  @IsOptional()
  @IsJsonObject()
  context?: JsonObject | null

  /** Where to fork from; read as a `CheckpointDto`. */
  @IsOptional()
  @IsJsonObject()
  checkpoint?: JsonObject | null

  /** A UUID: the older form of `checkpoint`, which wins. */
  @IsOptional()
  @IsString()
  checkpoint_id?: string | null

  /** One mode or several; none means `values`. */
  @IsOptional()
  @IsOneOrMany(STREAM_MODES)
  stream_mode?: string | string[] | null

  /** Adds namespaced events of nested graphs. */
  @IsOptional()
  @IsBoolean()
  stream_subgraphs?: boolean | null

  /** Keeps events for replay. */
  @IsOptional()
  @IsBoolean()
  stream_resumable?: boolean | null

  /** Keys of a final `feedback` event. */
  @IsOptional()
  @IsOneOrMany(null)
  feedback_keys?: string | string[] | null

  /** Nodes to stop before: `*` or a list. */
  @IsOptional()
  @IsNodeSelection()
  interrupt_before?: string | string[] | null

  /** Nodes to stop after: `*` or a list. */
  @IsOptional()
  @IsNodeSelection()
  interrupt_after?: string | string[] | null

  /** Absolute http(s) URL, or a path of this server (webhooks contract 1). */
  @IsOptional()
  @IsString()
  webhook?: string | null

  /** What to do when the thread is busy; default `enqueue`. */
  @IsOptional()
  @IsIn(['reject', 'enqueue', 'interrupt', 'rollback'])
  multitask_strategy?: 'reject' | 'enqueue' | 'interrupt' | 'rollback' | null

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

  /** When checkpoints are written; default `async`. */
  @IsOptional()
  @IsIn(['sync', 'async', 'exit'])
  durability?: 'sync' | 'async' | 'exit' | null

  /** Deprecated form of `durability`, which wins. */
  @IsOptional()
  @IsBoolean()
  checkpoint_during?: boolean | null
}
