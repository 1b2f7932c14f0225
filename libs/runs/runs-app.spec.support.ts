import { Global, Module, type ModuleMetadata } from '@nestjs/common'
import { ScheduleModule } from '@nestjs/schedule'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { AssistantsService } from '#assistants'
import { AuthModule } from '#auth'
import { type RunSettings, Settings } from '#config'
import { EventBus, EventsModule, type RunFinished } from '#events'
import { Checkpoints, GraphExecutor, GraphRegistry } from '#graphs'
import { JsonLogger, KernelModule } from '#kernel'
import { FakeClock, openHttpTestApp, type TestDatabase, TestDatabaseModule } from '#testing'
import { type Thread, ThreadCreation, ThreadsRepository, ThreadsService } from '#threads'
import { WebhooksModule } from '#webhooks'
import { RedisConnection } from '../streaming/redis/redis-connection.js'
import { webhookSettings } from '../webhooks/webhook-settings.spec.support.js'
import { FakeExecutor } from './fake-executor.spec.support.js'
import { RunCancellation } from './run-cancellation.js'
import { permitted } from './run-permit.js'
import type { RunRequest } from './run-request.js'
import { RunWorker } from './run-worker.js'
import type { Run } from './run.js'
import { RunsModule } from './runs.module.js'
import { RunsRepository } from './runs.repository.js'
import { runRequest } from './runs.spec.support.js'
import { RunsService } from './runs.service.js'

/** What a spec wants different from the defaults. */
export interface RunsChange {
  readonly runs?: Partial<RunSettings>
  readonly clock?: FakeClock
  /** Whether there may be other processes. Live events stay in memory all the same. */
  readonly isOneOfSeveral?: boolean
  /** Rooms above this one. */
  readonly above?: NonNullable<ModuleMetadata['imports']>
}

const RUNS: RunSettings = {
  maxConcurrent: 10,
  maxPending: 100_000,
  maxPendingPerThread: 1_000,
  timeoutMs: null,
  blockWarningMs: 0,
  leaseMs: 60_000,
  graceMs: 30_000,
  maxAttempts: 3,
  eventRetentionMs: 120_000,
}

/**
 * The room as the composition root makes it, over a test database, with a clock that stands still, a fake graph named
 * `graph` and the real outbox of webhooks. Another one on the same database plays another process.
 */
export class RunsUnderTest {
  /** Every `run.finished` that was committed. */
  readonly finished: RunFinished[] = []
  readonly #watchers = new Set<() => void>()

  private constructor(
    readonly app: NestFastifyApplication,
    readonly db: TestDatabase,
    readonly clock: FakeClock,
    readonly executor: FakeExecutor,
  ) {
    this.bus.afterCommit('run.finished', 'spec.support', (event) => {
      this.finished.push(event)
      for (const look of this.#watchers) look()
    })
  }

  static async open(db: TestDatabase, change: RunsChange = {}): Promise<RunsUnderTest> {
    const clock = change.clock ?? new FakeClock()
    const executor = new FakeExecutor()
    const imports = [
      KernelModule.register({ logger: JsonLogger.create('silent'), clock }),
      surroundings({ ...RUNS, ...change.runs }, change.isOneOfSeveral ?? false),
      TestDatabaseModule.register(db),
      ScheduleModule.forRoot(),
      EventsModule,
      AuthModule,
      RunsModule,
      WebhooksModule,
      ...(change.above ?? []),
    ]
    const app = await openHttpTestApp(
      Test.createTestingModule({ imports })
        .overrideProvider(GraphExecutor)
        .useValue(executor)
        .overrideProvider(RedisConnection)
        .useValue({ link: null })
        .overrideProvider(GraphRegistry)
        .useValue({ has: (graphId: string) => graphId === 'graph', ids: () => ['graph'] }),
    )
    await app.get(Checkpoints, { strict: false }).setup()
    await app.get(AssistantsService, { strict: false }).ensureSystemAssistants()
    return new RunsUnderTest(app, db, clock, executor)
  }

  get bus(): EventBus {
    return this.app.get(EventBus)
  }

  get worker(): RunWorker {
    return this.app.get(RunWorker)
  }

  /** Creates a run on the thread, or a stateless one. */
  create(threadId: string | null, change: Partial<RunRequest> = {}): Promise<Run> {
    return this.app.get(RunsService).create(threadId, permitted(runRequest(change)))
  }

  cancel(run: Run, action: 'interrupt' | 'rollback' = 'interrupt'): Promise<void> {
    return this.app.get(RunCancellation).cancel(run.threadId, run.runId, action)
  }

  /** Makes an idle thread and returns its id. */
  async makeThread(): Promise<string> {
    const threads = this.app.get(ThreadCreation, { strict: false })
    const request = { threadId: null, metadata: {}, ifExists: 'raise', supersteps: [], ttl: null } as const
    const { threadId } = await threads.create(request)
    return threadId
  }

  async deleteThread(threadId: string): Promise<void> {
    await this.app.get(ThreadsService, { strict: false }).delete(threadId)
  }

  thread(threadId: string): Promise<Thread | null> {
    return this.app.get(ThreadsRepository, { strict: false }).find(this.db.database, threadId)
  }

  /** The stored run; null when its row is gone. */
  run({ runId }: { readonly runId: string }): Promise<Run | null> {
    return this.app.get(RunsRepository).findById(this.db.database, runId)
  }

  /** The committed end of this run, as soon as there is one. */
  async end({ runId }: { readonly runId: string }): Promise<RunFinished> {
    let found: RunFinished | undefined
    const look = () => (found = this.finished.find(({ run }) => run.run_id === runId))
    while (!look()) {
      await new Promise<void>((resolve) => {
        const watcher = () => (this.#watchers.delete(watcher), resolve())
        this.#watchers.add(watcher)
      })
    }
    return found!
  }

  /**
   * Moves the time on, a tenth of a second at a time, until the work is done. The database, which has its own time, gets
   * to answer between the steps.
   */
  async advanceUntil<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = () => (isDone = true)
    work.then(done, done)
    while (!isDone) {
      await this.clock.advance(100)
      await this.db.database.query('SELECT 1')
    }
    return work
  }

  /** Resolves once more than `count` timers wait, with the time standing still. */
  async timersAbove(count: number): Promise<void> {
    while (this.clock.waiting <= count) await this.db.database.query('SELECT 1')
  }

  /** Stops the worker as the stop sequence does, without grace, and closes the application. */
  async close(): Promise<void> {
    await this.advanceUntil(this.worker.stop(0))
    await this.app.close()
  }
}

function surroundings(runs: RunSettings, isOneOfSeveral: boolean) {
  const settings = {
    mode: 'dev',
    adminKey: null,
    auth: { kind: 'none' },
    redis: isOneOfSeveral ? { uri: 'redis://none' } : null,
    graphs: [],
    assistantDefaults: {},
    runs,
    threadTtl: { default: null, sweepIntervalMinutes: 5, sweepLimit: 1_000 },
    http: { mountPrefix: '', configurableHeaders: { includes: [], excludes: [] } },
    webhooks: webhookSettings({ allowPrivateNetworks: true }),
  }
  @Global()
  @Module({ providers: [{ provide: Settings, useValue: settings }], exports: [Settings] })
  class Surroundings {}
  return Surroundings
}

/** Webhook bodies in the outbox, by the path of their URL, each in the order of its making. */
export async function outbox(db: TestDatabase): Promise<{ url: string; body: Record<string, unknown> }[]> {
  const { rows } = await db.database.query<{ url: string; body: Buffer }>(
    'SELECT url, body FROM webhook_deliveries ORDER BY delivery_id',
  )
  return rows.map(({ url, body }) => ({ url, body: JSON.parse(String(body)) as Record<string, unknown> }))
}

/** Takes a claimed run away from its worker, as a process does that thinks it dead. */
export async function stealRun(db: TestDatabase, { runId }: { readonly runId: string }): Promise<void> {
  await db.database.query(
    `UPDATE runs SET claimed_by = 'thief', attempt = attempt + 1, lease_until = 'infinity' WHERE run_id = $1`,
    [runId],
  )
}

/** Makes a pending run look like one whose process died. */
export async function leaveRunning(
  db: TestDatabase,
  { runId }: { readonly runId: string },
  left: { attempt: number; handedBack?: number; cancelAction?: 'interrupt' | 'rollback'; leaseUntil?: string },
): Promise<void> {
  await db.database.query(
    `UPDATE runs SET status = 'running', claimed_by = 'dead-process', lease_until = $5, started_at = '2020-01-01',
       attempt = $2, handed_back = $3, cancel_action = $4 WHERE run_id = $1`,
    [runId, left.attempt, left.handedBack ?? 0, left.cancelAction ?? null, left.leaseUntil ?? '2020-01-01'],
  )
}
