import { Injectable, type OnModuleInit } from '@nestjs/common'
import { isAlone, Settings } from '#config'
import { EventBus } from '#events'
import { Clock, Logger, newId, outsideOfCaller, type Timer } from '#kernel'
import { RunExecution } from './run-execution.js'
import { RunQueue } from './run-queue.js'
import { RunStop, type StopWord } from './run-stop.js'
import type { Run } from './run.js'

/** How often the table is looked at without being woken, in ms: a lost wake-up costs no more than this. */
const POLL_MS = 5_000
/** A poll after one that failed (the database is away), in ms. */
const RETRY_MS = 1_000

interface ActiveRun {
  readonly run: Run
  readonly stop: RunStop
  readonly done: Promise<void>
  /** Until when nobody else may take it, in ms since the epoch. */
  leaseUntil: number
}

/**
 * Executes due runs of the queue, as many at once as the settings allow.
 *
 * idle ─(woken by a commit, a timer or the poll)─► claim ─► execute each ─► idle. Leases are renewed on the way; a run
 * that a renewal does not find is somebody else's now and is stopped.
 */
@Injectable()
export class RunWorker implements OnModuleInit {
  readonly #workerId = newId()
  readonly #active = new Map<string, ActiveRun>()
  /** What was said of runs and threads since the claim under way began. */
  readonly #heard = new Map<string, StopWord>()
  #running = false
  #filling: Promise<void> | null = null
  #wakeAgain = false
  #poll: Timer | null = null
  #renewal: Timer | null = null

  constructor(
    private readonly settings: Settings,
    private readonly bus: EventBus,
    private readonly queue: RunQueue,
    private readonly execution: RunExecution,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.bus.anywhere('run.created', 'runs.worker', () => this.#wake())
    this.bus.anywhere('run.finished', 'runs.worker', () => this.#wake())
    this.bus.anywhere('run.handedBack', 'runs.worker', () => this.#wake())
    this.bus.anywhere('run.cancelRequested', 'runs.worker', (runId) => this.#hear(runId, 'cancel'))
    this.bus.anywhere('thread.deleted', 'runs.worker', (threadId) => this.#hear(threadId, 'thread deleted'))
    this.bus.whenMissed('runs.worker', () => this.#catchUp())
  }

  /** How many runs are being executed now. */
  get active(): number {
    return this.#active.size
  }

  /**
   * Works until `stop`. First takes up what a killed process left: all that is not its own where no other process may be
   * at work, else what has lost its lease.
   */
  start(): void {
    this.#running = true
    this.#filling = this.#recoverFirst()
    this.#renewLater()
  }

  /** Claims nothing more, lets what is running end for `graceMs`, and hands the rest back to the queue. */
  async stop(graceMs: number): Promise<void> {
    this.#running = false
    this.#poll?.cancel()
    await this.#filling
    await this.#settledWithin(graceMs)
    const left = [...this.#active.values()]
    for (const { stop } of left) stop.stop('shutdown')
    await this.#settled()
    this.#renewal?.cancel()
    this.#renewal = null
    await Promise.all(left.map(({ run }) => this.#handBack(run)))
  }

  async #settledWithin(graceMs: number): Promise<void> {
    let timer: Timer | null = null
    const grace = new Promise<void>((resolve) => (timer = this.clock.after(graceMs, resolve)))
    await Promise.race([this.#settled(), grace]).finally(() => timer?.cancel())
  }

  /** One that cannot be handed back is taken up by its lease, or at the next start. */
  async #handBack(run: Run): Promise<void> {
    try {
      await this.queue.handBack(this.#claim(run))
      this.bus.announce('run.handedBack', { runId: run.runId })
    } catch (err) {
      this.logger.error({ err, run_id: run.runId }, 'a run could not be handed back')
    }
  }

  async #recoverFirst(): Promise<void> {
    try {
      await this.queue.recover(this.#workerId, this.#isAlone)
    } catch (err) {
      this.logger.error({ err }, 'runs of a former process could not be taken up yet')
    }
    this.#filling = null
    this.#wake()
  }

  #wake(): void {
    this.#wakeAgain = true
    if (!this.#running || this.#filling) return
    // Whoever has woken the worker may be a graph, and runs that are launched here outlive it.
    this.#filling = outsideOfCaller(() => this.#fill()).finally(() => {
      this.#filling = null
      if (this.#wakeAgain) this.#wake()
    })
  }

  /** Claims until the queue is empty or every slot is taken (the end of a run wakes again). */
  async #fill(): Promise<void> {
    this.#poll?.cancel()
    let pauseMs = POLL_MS
    try {
      while (this.#wakeAgain && this.#running) {
        this.#wakeAgain = false
        await this.#claimOnce()
      }
      pauseMs = Math.min(POLL_MS, await this.queue.untilNextDueMs())
    } catch (err) {
      this.logger.error({ err }, 'the run queue could not be read')
      pauseMs = RETRY_MS
    }
    if (this.#running) this.#poll = this.clock.after(pauseMs, () => this.#wake())
  }

  async #claimOnce(): Promise<void> {
    const free = this.settings.runs.maxConcurrent - this.#active.size
    if (free <= 0) return
    this.#heard.clear()
    const leaseUntil = this.#leaseFromNow()
    const claimed = await this.queue.claim(this.#workerId, free)
    for (const run of claimed) this.#launch(run, leaseUntil)
    // A run that has come back to its own worker has taken no further slot.
    if (claimed.length === free) this.#wakeAgain = true
  }

  #launch(run: Run, leaseUntil: number): void {
    const stop: RunStop = new RunStop(() => this.#mayWrite(run.runId, stop))
    // It was lost to another process, which has given it back since: only one attempt may go on.
    this.#active.get(run.runId)?.stop.stop('lost')
    const done = this.execution
      .execute(run, this.#claim(run), stop)
      .catch((err: unknown) =>
        this.logger.error({ err, run_id: run.runId }, 'a run could not be ended; its lease runs out'),
      )
      .finally(() => {
        if (this.#active.get(run.runId)?.stop === stop) this.#active.delete(run.runId)
        this.#wake()
      })
    this.#active.set(run.runId, { run, stop, done, leaseUntil })
    // Said while the claim was on its way, when this run was not among the active ones yet.
    for (const [id, word] of this.#heard) if (id === run.runId || id === run.threadId) stop.stop(word)
  }

  /** A run is to be cancelled, or a thread was deleted. */
  #hear(id: string, word: StopWord): void {
    if (this.#filling) this.#heard.set(id, word)
    for (const { run, stop } of this.#active.values()) if (id === run.runId || id === run.threadId) stop.stop(word)
  }

  #renewLater(): void {
    this.#renewal = this.clock.after(this.settings.runs.leaseMs / 3, () => {
      void this.#renew().finally(() => this.#renewal && this.#renewLater())
    })
  }

  /** Extends leases; hears of wishes to cancel that did not reach this process, and of runs lost to others. */
  async #renew(): Promise<void> {
    try {
      const before = [...this.#active.keys()]
      const leaseUntil = this.#leaseFromNow()
      const held = new Map((await this.queue.renew(this.#workerId, before)).map((run) => [run.runId, run.cancelAction]))
      for (const runId of before) {
        const active = this.#active.get(runId)
        if (active && held.has(runId)) active.leaseUntil = leaseUntil
        if (!held.has(runId)) active?.stop.stop('lost')
        else if (held.get(runId)) active?.stop.stop('cancel')
      }
      if ((await this.queue.recover(this.#workerId, false)) > 0) this.#wake()
    } catch (err) {
      this.logger.error({ err }, 'leases of runs could not be renewed')
      // Their leases have passed: somebody else may be executing them.
      for (const { run, stop } of this.#active.values()) if (!this.#isHeld(run.runId, stop)) stop.stop('lost')
    }
  }

  /** News may have been missed: wishes to cancel are read with the leases. */
  #catchUp(): void {
    if (!this.#running) return
    this.#wake()
    void this.#renew()
  }

  /**
   * Whether the graph of a run may write. A lease that has passed unseen (the process was stopped, or busy) is renewed,
   * if nobody has taken the run; else nothing more of it counts here, and it is no fault of the graph.
   */
  async #mayWrite(runId: string, stop: RunStop): Promise<boolean> {
    if (stop.cause === 'lost' || stop.isThreadDeleted) return false
    if (this.#isHeld(runId, stop)) return true
    const active = this.#active.get(runId)
    if (active?.stop === stop && (await this.#renewLate(runId, active))) return true
    stop.stop('lost')
    return false
  }

  async #renewLate(runId: string, active: ActiveRun): Promise<boolean> {
    const leaseUntil = this.#leaseFromNow()
    try {
      const held = await this.queue.renew(this.#workerId, [runId])
      if (held.length > 0) active.leaseUntil = leaseUntil
      return held.length > 0 && this.#isHeld(runId, active.stop)
    } catch (err) {
      this.logger.error({ err, run_id: runId }, 'the lease of a run could not be renewed')
      return false
    }
  }

  /** Whether nobody else may have taken the run. */
  #isHeld(runId: string, stop: RunStop): boolean {
    const active = this.#active.get(runId)
    return this.#isAlone || (active?.stop === stop && this.clock.now().getTime() < active.leaseUntil)
  }

  /** Whether no other process may be at work on the database. */
  get #isAlone(): boolean {
    return isAlone(this.settings)
  }

  /** Taken before the statement that makes it so: never later than what is stored. */
  #leaseFromNow(): number {
    return this.clock.now().getTime() + this.settings.runs.leaseMs
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#active.values()].map(({ done }) => done))
  }

  #claim(run: Run): { runId: string; workerId: string; attempt: number } {
    return { runId: run.runId, workerId: this.#workerId, attempt: run.attempt }
  }
}
