import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Database } from '#database'
import { EventBus } from '#events'
import { Logger, WakeSignal } from '#kernel'
import { CronClock } from './cron-clock.js'
import { CronFiring } from './cron-firing.js'
import { type DueCron, DueCronsRepository, type Occurrence } from './due-crons.repository.js'
import { FailedFirings } from './failed-firings.js'

/** The longest sleep, in ms: a cron that another process has made is noticed after it. */
const LOOK_MS = 5_000
/** After a look that failed (the database is away), and where more crons fail than are remembered, in ms. */
const RETRY_MS = 1_000
/** After occurrences that another process had in hand, in ms: it may fail to fire them. */
const CONTESTED_MS = 100
/** Crons that are read in one go. */
const BATCH = 100
/** Occurrences that are fired at once: each waits for the database most of its time. */
const LANES = 4
/** Crons that fail and are remembered. */
const MOST_FAILED = 1_000

/** What a look left undone. */
interface Leftovers {
  /** Occurrences that somebody else had in hand, or had fired since they were read: then the next is not passed over. */
  readonly contested: Occurrence[]
  /** Occurrences that could not be fired and are not remembered. */
  readonly failed: Occurrence[]
}

/**
 * Fires what is due, and sleeps until the next occurrence, until a cron is made or changed here, or until the slow look.
 * What is due is decided by rows alone: any number of schedulers may run on one database.
 */
@Injectable()
export class CronScheduler implements OnModuleInit {
  readonly #wake: WakeSignal
  readonly #failures = new FailedFirings(MOST_FAILED)
  #loop: Promise<void> | null = null
  #isStopping = false

  constructor(
    private readonly database: Database,
    private readonly bus: EventBus,
    private readonly due: DueCronsRepository,
    private readonly firing: CronFiring,
    private readonly clock: CronClock,
    private readonly logger: Logger,
  ) {
    this.#wake = new WakeSignal(clock)
  }

  onModuleInit(): void {
    this.bus.anywhere('cron.changed', 'crons.scheduler', () => this.#wake.wake())
  }

  /** Begins to fire; called by the composition root. */
  start(): void {
    if (!this.#isStopping) this.#loop ??= this.#run()
  }

  /** Fires nothing more, and waits for the occurrence in hand: the database is closed after this. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#wake.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) await this.#wake.sleep(await this.#turn())
  }

  /** Fires what is due; answers how long to sleep, in ms. Never rejects. */
  async #turn(): Promise<number> {
    try {
      const left = await this.#fireAll()
      if (left.failed.length > 0) return RETRY_MS
      const waiting = this.#failures.waiting(this.clock.now())
      const earliest = await this.due.earliest(this.database, [...left.contested, ...waiting])
      const nextAt = Math.min(earliest?.getTime() ?? Infinity, ...waiting.map(({ retryAt }) => retryAt))
      const untilNextMs = nextAt - this.clock.now().getTime()
      return Math.min(untilNextMs, left.contested.length > 0 ? CONTESTED_MS : LOOK_MS)
    } catch (err) {
      this.logger.error({ err }, 'due crons could not be read')
      return RETRY_MS
    }
  }

  /** Until nothing is due any more, but for what another scheduler has in hand and what fails. */
  async #fireAll(): Promise<Leftovers> {
    const left: Leftovers = { contested: [], failed: [] }
    while (!this.#isStopping) {
      const now = this.clock.now()
      const except = [...left.contested, ...left.failed, ...this.#failures.waiting(now)]
      const due = await this.due.due(this.database, { now, except, limit: BATCH })
      if (due.length === 0) break
      const waiting = due.values()
      await Promise.all(Array.from({ length: LANES }, () => this.#fireFrom(waiting, left)))
    }
    return left
  }

  /** One lane: takes what no other has taken yet, until all is taken. */
  async #fireFrom(waiting: Iterable<DueCron>, left: Leftovers): Promise<void> {
    for (const one of waiting) if (!this.#isStopping) await this.#fire(one, left)
  }

  /** One that fails does not hold up the others. */
  async #fire(due: DueCron, left: Leftovers): Promise<void> {
    try {
      if (!(await this.firing.fire(due))) left.contested.push(due)
      this.#failures.forget(due)
    } catch (err) {
      this.logger.error({ err, cron_id: due.cronId }, 'a cron could not be fired; it is tried again')
      if (!this.#failures.note(due, this.clock.now())) left.failed.push(due)
    }
  }
}
