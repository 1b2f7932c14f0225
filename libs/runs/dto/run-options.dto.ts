import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator'
import { STREAM_MODES } from '#graphs'
import { IsJsonObject, IsRunConfig } from '#http'
import type { JsonObject } from '#kernel'
import { IsNodeSelection, IsOneOrMany } from './run-validators.js'

/** What both a run and a cron say of the runs that they make (contract 5.2 and 8.1). `null` is the same as absent. */
export class RunOptionsDto {
  /** Any JSON; `null` or absent goes on from the thread's state. */
  @IsOptional()
  input?: unknown

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

  /** When checkpoints are written; default `async`. */
  @IsOptional()
  @IsIn(['sync', 'async', 'exit'])
  durability?: 'sync' | 'async' | 'exit' | null

  /** Deprecated form of `durability`, which wins. */
  @IsOptional()
  @IsBoolean()
  checkpoint_during?: boolean | null
}
