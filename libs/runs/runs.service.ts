import { Injectable } from '@nestjs/common'
import { type Assistant, noAssistantFor } from '#assistants'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { WebhookPolicy } from '#kernel'
import type { LockedThread } from '#threads'
import { atPlace } from './batch-place.js'
import { decideMultitask } from './multitask-policy.js'
import { buildRun } from './new-run.js'
import { RunCancellation } from './run-cancellation.js'
import type { PermittedRun } from './run-permit.js'
import type { RunRequest } from './run-request.js'
import { resumeNeedsThread, threadAlreadyRunning, threadQueueFull } from './run.errors.js'
import { RunGround, type WantedThread } from './run-ground.js'
import type { MultitaskStrategy, Run } from './run.js'
import { RunsRepository } from './runs.repository.js'

/** No thread is asked for. */
const NEW_THREAD = { threadId: null, existing: null } as const

/** Creates runs (contract 5.3): everything that can be refused is refused before anything is written. */
@Injectable()
export class RunsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly webhooks: WebhookPolicy,
    private readonly ground: RunGround,
    private readonly runs: RunsRepository,
    private readonly cancellation: RunCancellation,
    private readonly bus: EventBus,
  ) {}

  /**
   * Creates a run on a thread, or a stateless one when `threadId` is null.
   * @throws AppError 404 for an unknown assistant or thread, 409 for a busy thread under `reject`, 422 for a webhook
   * that is refused, 400 for a stateless resume, 503 for a full queue and 429 for a thread's own.
   */
  async create(threadId: string | null, run: PermittedRun): Promise<Run> {
    this.#check(threadId, run.request)
    return this.unitOfWork.run((tx) => this.createIn(tx, threadId, run))
  }

  /**
   * The same in the caller's transaction, and without judging the webhook: a cron's was judged when it was made, and is
   * again before each attempt. After an error the transaction must not be committed: something may have been written.
   */
  async createIn(tx: Transaction, threadId: string | null, run: PermittedRun): Promise<Run> {
    await this.ground.takeRoom(tx, 1)
    const { assistant, existing } = await this.ground.find(tx, { assistantId: run.request.assistantId, threadId })
    return this.#create(tx, { threadId, existing }, run, assistant)
  }

  /**
   * Creates stateless runs, all or none, in the order of the requests (contract 5.8).
   * @throws AppError as `create` does; what is wrong with a webhook names its place.
   */
  async createBatch(batch: readonly PermittedRun[]): Promise<Run[]> {
    batch.forEach(({ request }, index) => atPlace(index, () => this.#check(null, request)))
    return this.unitOfWork.run(async (tx) => {
      await this.ground.takeRoom(tx, batch.length)
      const assistants = new Map<string, Assistant>()
      for (const id of [...new Set(batch.map(({ request }) => request.assistantId))].sort()) {
        assistants.set(id, await this.ground.assistant(tx, id))
      }
      const runs: Run[] = []
      for (const run of batch) {
        runs.push(await this.#create(tx, NEW_THREAD, run, assistants.get(run.request.assistantId)!))
      }
      return runs
    })
  }

  #check(threadId: string | null, request: RunRequest): void {
    if (threadId === null && request.command?.['resume'] !== undefined) throw resumeNeedsThread()
    if (request.webhook !== null) this.webhooks.check(request.webhook)
  }

  async #create(
    tx: Transaction,
    place: Pick<WantedThread, 'threadId' | 'existing'>,
    { request, permit }: PermittedRun,
    assistant: Assistant,
  ): Promise<Run> {
    if (!permit.usesAssistant(assistant)) throw noAssistantFor(request.assistantId)
    const ground = await this.ground.prepare(tx, { ...place, visible: permit.threads }, request, assistant)
    await this.#makeRoom(tx, ground.thread, request.multitaskStrategy)
    const run = buildRun(permit.runId, request, ground)
    await this.ground.occupy(tx, ground, request)
    this.runs.insert(tx, run)
    await this.bus.publish(tx, 'run.created', { runId: run.runId, threadId: run.threadId, dueAt: run.createdAt })
    return run
  }

  async #makeRoom(tx: Transaction, thread: LockedThread, strategy: MultitaskStrategy): Promise<void> {
    if (thread.status !== 'busy') return
    const limit = this.ground.maxPerThread
    const inFlight = await this.runs.countInFlight(tx, thread.threadId, limit)
    const decision = decideMultitask(strategy, { inFlight, limit })
    if (!decision.create) throw decision.because === 'busy' ? threadAlreadyRunning() : threadQueueFull(limit)
    if (decision.cancel === null) return
    const runs = await this.runs.inFlight(tx, thread.threadId)
    for (const run of runs) await this.cancellation.cancelLocked(tx, thread, run, decision.cancel)
  }
}
