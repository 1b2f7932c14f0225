import { Injectable } from '@nestjs/common'
import type { Transaction } from '#database'
import { Logger } from '#kernel'
import type { EventCatalogue, EventName } from './catalogue.js'
import { toldId, type ToldName } from './remote-facts.js'

/** Awaited inside the publisher's transaction; throwing aborts it. Only computes, and writes with `tx`. */
export type TransactionSubscriber<Name extends EventName> = (
  tx: Transaction,
  event: EventCatalogue[Name],
) => Promise<void>

/** Called after the commit, best effort: only for what can be worked out again from tables. */
export type CommitSubscriber<Name extends EventName> = (event: EventCatalogue[Name]) => void | Promise<void>

/** Called with the fact's id, also when it has happened in another process: as a hint, which may be lost or come twice. */
export type HintSubscriber = (id: string) => void

type AnyTransactionSubscriber = (tx: Transaction, event: unknown) => Promise<void>
type AnyCommitSubscriber = (event: unknown) => void | Promise<void>

/** Where the rooms meet (design section 5). Subscribers are registered while modules start, by a unique name. */
@Injectable()
export class EventBus {
  readonly #inTransaction = new Map<EventName, Map<string, AnyTransactionSubscriber>>()
  readonly #afterCommit = new Map<EventName, Map<string, AnyCommitSubscriber>>()
  readonly #hints = new Map<ToldName, Map<string, HintSubscriber>>()
  readonly #missed = new Map<string, () => void>()

  constructor(private readonly logger: Logger) {}

  /** @throws Error when the subscriber's name is taken for this event. */
  inTransaction<Name extends EventName>(name: Name, subscriber: string, handle: TransactionSubscriber<Name>): void {
    register(this.#inTransaction, name, subscriber, handle as AnyTransactionSubscriber)
  }

  /** @throws Error when the subscriber's name is taken for this event. */
  afterCommit<Name extends EventName>(name: Name, subscriber: string, handle: CommitSubscriber<Name>): void {
    register(this.#afterCommit, name, subscriber, handle as AnyCommitSubscriber)
  }

  /**
   * As `afterCommit`, wherever the fact has happened. Whoever subscribes looks from time to time without a hint too.
   * @throws Error when the subscriber's name is taken for this event.
   */
  anywhere<Name extends ToldName>(name: Name, subscriber: string, handle: HintSubscriber): void {
    register(this.#hints, name, subscriber, handle)
    this.afterCommit(name, subscriber, (event) => handle(toldId(name, event)))
  }

  /** Called when hints of other processes may have been missed: now is the time to look. */
  whenMissed(subscriber: string, handle: () => void): void {
    this.#missed.set(subscriber, handle)
  }

  /** Passes on what another process has told. */
  heard(name: ToldName, id: string): void {
    for (const [subscriber, handle] of this.#hints.get(name) ?? [])
      this.#call({ event: name, subscriber }, () => handle(id))
  }

  /** Says that hints may have been missed. */
  missed(): void {
    for (const [subscriber, handle] of this.#missed) this.#call({ event: 'missed', subscriber }, handle)
  }

  /** Tells a fact: subscribers in the transaction now, in order of registration; the others once `tx` is committed. */
  async publish<Name extends EventName>(tx: Transaction, name: Name, event: EventCatalogue[Name]): Promise<void> {
    for (const handle of this.#inTransaction.get(name)?.values() ?? []) await handle(tx, event)
    tx.onCommit(() => this.#tell(name, event))
  }

  /** Tells a fact that one statement has made true by itself: there is no transaction to subscribe in. */
  announce<Name extends EventName>(name: Name, event: EventCatalogue[Name]): void {
    this.#tell(name, event)
  }

  #tell(name: EventName, event: unknown): void {
    for (const [subscriber, handle] of this.#afterCommit.get(name) ?? []) {
      this.#call({ event: name, subscriber }, () => handle(event))
    }
  }

  /** Whoever tells never waits and never sees a failure: it is logged and the slow poll of the subscriber mends it. */
  #call(whom: { readonly event: string; readonly subscriber: string }, handle: () => void | Promise<void>): void {
    void Promise.resolve()
      .then(handle)
      .catch((err: unknown) => this.logger.error({ err, ...whom }, 'subscriber failed'))
  }
}

function register<Name extends EventName, Handler>(
  all: Map<Name, Map<string, Handler>>,
  name: Name,
  subscriber: string,
  handle: Handler,
): void {
  const handlers = all.get(name) ?? new Map<string, Handler>()
  if (handlers.has(subscriber)) throw new Error(`subscriber ${subscriber} of ${name} is registered twice`)
  all.set(name, handlers.set(subscriber, handle))
}
