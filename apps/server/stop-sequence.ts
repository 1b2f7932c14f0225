import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { isAlone, type Settings } from '#config'
import { CronScheduler } from '#crons'
import { Readiness } from '#health'
import { Clock, type Logger } from '#kernel'
import { RunWorker, SharedResultsSweep } from '#runs'
import { OpenResponses, RunStreams } from '#streaming'
import { WebhookDispatcher } from '#webhooks'

/** What a step may take beyond the grace it was given, in ms. */
const STEP_DEADLINE_MS = 5_000

/** For answers that are on their way: those of runs that have just ended, and ordinary requests. In ms. */
const ANSWERS_MS = 250

/**
 * For connections that clients keep, at most, in ms: the next request on each is answered and told to go elsewhere. One
 * that is closed as its client writes to it is a failure that clients do not try again.
 */
const KEPT_CONNECTIONS_MS = 2_000

/**
 * The one stop sequence (design section 6): no new connections, no new runs of crons → running work ends or is handed
 * back → streams are cut so that clients reconnect, waits are told → deliveries end → connections and database are
 * closed. Connections that clients keep are answered on all the while, and each answer closes its own. No step can hold
 * the next one up for longer than its deadline.
 */
export class StopSequence {
  readonly #clock: Clock
  #running: Promise<void> | null = null

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {
    this.#clock = app.get(Clock, { strict: false })
  }

  /** Runs once, however often it is asked for. */
  run(graceMs: number): Promise<void> {
    this.#running ??= this.#stop(graceMs)
    return this.#running
  }

  async #stop(graceMs: number): Promise<void> {
    const server = this.app.getHttpServer() as Server
    this.#tell(graceMs)
    this.app.get(Readiness, { strict: false }).stopping()
    const closed = refuseConnections(server)
    await this.#step('crons', 0, this.app.get(CronScheduler, { strict: false }).stop())
    const answered = this.#answeredWithin(graceMs)
    await this.#step('runs', graceMs, this.app.get(RunWorker, { strict: false }).stop(graceMs))
    await answered
    await this.#endResponses()
    const deliveryMs = Math.min(graceMs, this.settings.webhooks.timeoutMs)
    await this.#step('webhooks', deliveryMs, this.app.get(WebhookDispatcher, { strict: false }).stop(deliveryMs))
    await Promise.race([closed, this.#pause(Math.max(ANSWERS_MS, Math.min(graceMs, KEPT_CONNECTIONS_MS)))])
    server.closeAllConnections()
    await this.#step('answers', 0, this.app.get(SharedResultsSweep, { strict: false }).stop())
    await this.#step('application', 0, this.app.close())
  }

  /** Whoever waits for the end of this process wants to know for what, and how to wait no longer. */
  #tell(graceMs: number): void {
    const runs = this.app.get(RunWorker, { strict: false }).active
    if (runs === 0) return
    const wait = `stopping, waiting up to ${graceMs / 1000} s for ${runs} ${runs === 1 ? 'run' : 'runs'}`
    this.logger.info({ runs }, `${wait}; a second signal ends at once`)
  }

  /**
   * Runs of other processes go on: whoever waits for one here has as long as those who wait for the runs of this process.
   */
  async #answeredWithin(graceMs: number): Promise<void> {
    const responses = this.app.get(OpenResponses, { strict: false })
    if (isAlone(this.settings)) return
    responses.closeEndless()
    await this.#isDoneWithin(graceMs, responses.emptied())
  }

  /** Waits of runs that ended within the grace get a moment to answer with their values. */
  async #endResponses(): Promise<void> {
    const responses = this.app.get(OpenResponses, { strict: false })
    if (responses.size > 0) await this.#pause(ANSWERS_MS)
    responses.closeAll()
    this.app.get(RunStreams, { strict: false }).closeAll()
  }

  async #step(name: string, graceMs: number, work: Promise<void>): Promise<void> {
    try {
      const isDone = await this.#isDoneWithin(graceMs + STEP_DEADLINE_MS, work)
      if (!isDone) this.logger.warn({ step: name }, 'a step of the shutdown was given up: it took too long')
    } catch (err) {
      this.logger.error({ err, step: name }, 'a step of the shutdown failed')
    }
  }

  #isDoneWithin(ms: number, work: Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const deadline = this.#clock.after(ms, () => resolve(false))
      work.then(() => resolve(true), reject).finally(() => deadline.cancel())
    })
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve))
  }
}

/** Takes no new connection; resolves once there is none left. HTTP's own `close` would cut those that are kept. */
function refuseConnections(server: Server): Promise<void> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()))
}
