import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { isAlone, Settings } from '#config'
import { Database, Notifications } from '#database'
import { Clock, Logger, newId, type Timer } from '#kernel'
import { EventBus } from './event-bus.js'
import { TOLD_NAMES, toldId, type ToldName } from './remote-facts.js'

const CHANNEL = 'signalbox_facts'
/** Facts in one notification: PostgreSQL takes less than 8,000 bytes. */
const BATCH = 100
/** Facts that wait to be told at most; beyond it the oldest are left out. */
const MOST_WAITING = 10_000
/** After the database did not take them, in ms. */
const RETRY_MS = 500

type Told = readonly [name: ToldName, id: string]

/**
 * Tells other processes on this database what was committed here, and hears what they tell (`NOTIFY`, ids only: design
 * section 5). Only where there may be others. Whoever subscribes also looks from time to time: a lost word costs a delay.
 */
@Injectable()
export class Signals implements OnModuleInit, OnModuleDestroy {
  readonly #self = newId()
  readonly #notifications: Notifications | null
  #waiting: Told[] = []
  #isTelling = false
  #retry: Timer | null = null
  #isClosed = false

  constructor(
    { database: settings, redis }: Settings,
    private readonly database: Database,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    const hearing = { heard: (payload: string) => this.#heard(payload), resumed: () => this.#resumed() }
    this.#notifications =
      settings.kind === 'postgres' && !isAlone({ redis })
        ? new Notifications(settings.uri, CHANNEL, hearing, clock, logger)
        : null
  }

  async onModuleInit(): Promise<void> {
    if (!this.#notifications) return
    for (const name of TOLD_NAMES)
      this.bus.afterCommit(name, 'signals', (fact) => this.#tell([name, toldId(name, fact)]))
    await this.#notifications.open()
  }

  async onModuleDestroy(): Promise<void> {
    this.#isClosed = true
    this.#retry?.cancel()
    await this.#notifications?.close()
  }

  #tell(told: Told): void {
    this.#waiting.push(told)
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()
    if (!this.#isTelling && !this.#retry) void this.#tellAll()
  }

  /** One notification at a time: what is committed meanwhile goes together with the next. Never rejects. */
  async #tellAll(): Promise<void> {
    this.#isTelling = true
    while (this.#waiting.length > 0 && !this.#isClosed && !this.#retry) {
      const batch = this.#waiting.splice(0, BATCH)
      try {
        await this.database.query('SELECT pg_notify($1, $2)', [CHANNEL, JSON.stringify([this.#self, ...batch])])
      } catch (err) {
        this.#failed(batch, err)
      }
    }
    this.#isTelling = false
  }

  #failed(batch: readonly Told[], err: unknown): void {
    if (this.#isClosed) return
    this.logger.warn({ err }, 'other processes could not be told what was committed')
    this.#waiting = [...batch, ...this.#waiting]
    this.#retry = this.clock.after(RETRY_MS, () => {
      this.#retry = null
      if (!this.#isTelling) void this.#tellAll()
    })
  }

  #heard(payload: string): void {
    const [sender, ...facts] = read(payload)
    if (sender === this.#self) return
    for (const fact of facts) if (isTold(fact)) this.bus.heard(...fact)
  }

  #resumed(): void {
    this.logger.info({}, 'other processes are heard again')
    this.bus.missed()
  }
}

/** Anybody may send on the channel who may use the database: what is none of ours tells nothing. */
function read(payload: string): unknown[] {
  try {
    const told: unknown = JSON.parse(payload)
    return Array.isArray(told) ? told : []
  } catch {
    return []
  }
}

/** Another version may tell what this one does not know. */
function isTold(fact: unknown): fact is Told {
  if (!Array.isArray(fact)) return false
  const [name, id]: unknown[] = fact
  return TOLD_NAMES.some((known) => known === name) && typeof id === 'string'
}
