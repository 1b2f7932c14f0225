import type { CancelAction, MultitaskStrategy } from './run.js'

/** What creating a run does to the runs that are pending or running on its thread. */
export type MultitaskDecision =
  | { readonly create: false }
  /** `cancel` null leaves them alone: the new run waits for its turn. */
  | { readonly create: true; readonly cancel: CancelAction | null }

/** Decides by strategy (contract 5.5). */
export function decideMultitask(strategy: MultitaskStrategy, inFlight: number): MultitaskDecision {
  if (inFlight === 0) return { create: true, cancel: null }
  switch (strategy) {
    case 'reject':
      return { create: false }
    case 'enqueue':
      return { create: true, cancel: null }
    case 'interrupt':
    case 'rollback':
      return { create: true, cancel: strategy }
  }
}
