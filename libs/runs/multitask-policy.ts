import type { CancelAction, MultitaskStrategy } from './run.js'

/** What creating a run does to the runs that are pending or running on its thread. */
export type MultitaskDecision =
  /** `busy`: the strategy wants a free thread; `full`: too many wait already. */
  | { readonly create: false; readonly because: 'busy' | 'full' }
  /** `cancel` null leaves them alone: the new run waits for its turn. */
  | { readonly create: true; readonly cancel: CancelAction | null }

/** What of a thread decides. */
export interface ThreadQueue {
  /** Runs that are pending or running. */
  readonly inFlight: number
  /** The most of them that there may be. */
  readonly limit: number
}

/** Decides by strategy (contract 5.5). A run that takes the place of others is made however many they are. */
export function decideMultitask(strategy: MultitaskStrategy, { inFlight, limit }: ThreadQueue): MultitaskDecision {
  if (inFlight === 0) return { create: true, cancel: null }
  switch (strategy) {
    case 'reject':
      return { create: false, because: 'busy' }
    case 'enqueue':
      return inFlight < limit ? { create: true, cancel: null } : { create: false, because: 'full' }
    case 'interrupt':
    case 'rollback':
      return { create: true, cancel: strategy }
  }
}
