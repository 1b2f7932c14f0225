import type { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach } from 'vitest'
import { Receiver } from '#testing'
import { Gate } from './gate.js'

/** A run whose second step stands at the gate. */
export interface WaitingRun {
  readonly threadId: string
  readonly runId: string
}

/** What the runs of a spec meet outside of the deployment: a gate in their way and the receiver of their webhooks. */
export class Outside {
  #gate: Gate | null = null
  #receiver: Receiver | null = null

  /** Registers the hooks: both are made anew for each test, before whatever hooks are registered later. */
  static use(): Outside {
    const outside = new Outside()
    beforeEach(async () => {
      outside.#gate = await Gate.make()
      outside.#receiver = await Receiver.start()
    })
    afterEach(async () => {
      await outside.#gate?.close()
      await outside.#receiver?.close()
    })
    return outside
  }

  get gate(): Gate {
    return made(this.#gate)
  }

  get receiver(): Receiver {
    return made(this.#receiver)
  }

  /** A run of `steps`, whose first step is stored and whose end is told to the receiver. */
  async waitingRun(client: Client, options: { readonly streamMode?: 'updates' } = {}): Promise<WaitingRun> {
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'steps', {
      input: { gate: this.gate.url },
      durability: 'sync',
      webhook: this.receiver.url('/done'),
      ...options,
    })
    await this.gate.reached()
    return { threadId: thread_id, runId: run_id }
  }
}

function made<Part>(part: Part | null): Part {
  if (part === null) throw new Error('only inside a test')
  return part
}
