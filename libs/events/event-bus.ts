import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { Logger } from '#kernel'
import type { EventCatalogue, EventName } from './catalogue.js'

/** Awaited inside the publisher's transaction; throwing aborts it. Only computes, and writes with `tx`. */
export type TransactionSubscriber<Name extends EventName> = (
  tx: Transaction,
  event: EventCatalogue[Name],
) => Promise<void>

/** Called after the commit, best effort: only for what can be worked out again from tables. */
export type CommitSubscriber<Name extends EventName> = (event: EventCatalogue[Name]) => void | Promise<void>

type AnyTransactionSubscriber = (tx: Transaction, event: unknown) => Promise<void>
type AnyCommitSubscriber = (event: unknown) => void | Promise<void>

/** Where the rooms meet (design section 5). Subscribers are registered while modules start, by a unique name. */
@Injectable()
export class EventBus {
  readonly #inTransaction = new Map<EventName, Map<string, AnyTransactionSubscriber>>()
  readonly #afterCommit = new Map<EventName, Map<string, AnyCommitSubscriber>>()

  constructor(private readonly logger: Logger) {}

  /** @throws Error when the subscriber's name is taken for this event. */
  inTransaction<Name extends EventName>(name: Name, subscriber: string, handle: TransactionSubscriber<Name>): void {
    register(this.#inTransaction, name, subscriber, handle as AnyTransactionSubscriber)
  }

  /** @throws Error when the subscriber's name is taken for this event. */
  afterCommit<Name extends EventName>(name: Name, subscriber: string, handle: CommitSubscriber<Name>): void {
    register(this.#afterCommit, name, subscriber, handle as AnyCommitSubscriber)
  }

  /** Tells a fact: subscribers in the transaction now, in order of registration; the others once `tx` is committed. */
  async publish<Name extends EventName>(tx: Transaction, name: Name, event: EventCatalogue[Name]): Promise<void> {
    for (const handle of this.#inTransaction.get(name)?.values() ?? []) await handle(tx, event)
    tx.onCommit(() => this.#tell(name, event))
  }

  #tell(name: EventName, event: unknown): void {
    for (const [subscriber, handle] of this.#afterCommit.get(name) ?? []) {
      // The publisher never waits and never sees a failure: it is logged and the slow poll of the subscriber mends it.
      void Promise.resolve()
        .then(() => handle(event))
        .catch((err: unknown) => this.logger.error({ err, event: name, subscriber }, 'subscriber failed'))
    }
  }
}

function register<Handler>(
  all: Map<EventName, Map<string, Handler>>,
  name: EventName,
  subscriber: string,
  handle: Handler,
): void {
  const handlers = all.get(name) ?? new Map<string, Handler>()
  if (handlers.has(subscriber)) throw new Error(`subscriber ${subscriber} of ${name} is registered twice`)
  all.set(name, handlers.set(subscriber, handle))
}
