import type { JsonObject } from '#kernel'
import type { MultitaskStrategy } from './run.js'

/** A request for a run after validation, with every default in it (contract 5.2). */
export interface RunRequest {
  readonly assistantId: string
  readonly input: unknown
  readonly command: JsonObject | null
  readonly metadata: JsonObject
  readonly config: JsonObject
  readonly context: JsonObject
  /** `checkpoint`, or `checkpoint_id` in its older form: the fork point, merged into configurable. */
  readonly checkpoint: JsonObject
  readonly streamModes: readonly string[]
  readonly streamSubgraphs: boolean
  readonly streamResumable: boolean
  readonly feedbackKeys: readonly string[] | null
  readonly interruptBefore: '*' | readonly string[] | null
  readonly interruptAfter: '*' | readonly string[] | null
  readonly webhook: string | null
  readonly multitaskStrategy: MultitaskStrategy
  readonly ifNotExists: 'create' | 'reject'
  readonly afterSeconds: number
  readonly onDisconnect: 'cancel' | 'continue'
  readonly onCompletion: 'delete' | 'keep'
  readonly durability: 'sync' | 'async' | 'exit'
  /** From the request's headers (contract 1.8). */
  readonly injected: JsonObject
}
