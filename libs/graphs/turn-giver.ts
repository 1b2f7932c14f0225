import { setImmediate as nextTurn } from 'node:timers/promises'
import { BaseCallbackHandler } from '@langchain/core/callbacks/base'

/** How long a graph's steps may hold the event loop without a pause, in ms. */
const HOLD_MS = 20

/**
 * Lets the rest of the process run between the steps of a graph whose nodes never wait: without it such a graph goes
 * from step to step in microtasks alone, and neither a cancel nor a health check nor another run gets a turn.
 */
export class TurnGiver extends BaseCallbackHandler {
  override readonly name = 'signalbox_turn_giver'
  override readonly awaitHandlers = true
  #since = performance.now()

  override async handleChainStart(): Promise<void> {
    if (performance.now() - this.#since < HOLD_MS) return
    await nextTurn()
    this.#since = performance.now()
  }
}
