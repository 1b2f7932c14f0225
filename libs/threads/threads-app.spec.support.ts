import { type DynamicModule, Module } from '@nestjs/common'
import { ScheduleModule } from '@nestjs/schedule'
import { Test, type TestingModuleBuilder } from '@nestjs/testing'
import { AuthModule } from '#auth'
import { EventBus, EventsModule } from '#events'
import { Settings, type ThreadTtl, type ThreadTtlSettings } from '#config'
import {
  Checkpoints,
  type CompiledGraph,
  EMPTY_THREAD_STATE,
  graphNotFound,
  GraphRegistry,
  type ReadStateOptions,
  type ThreadRef,
  ThreadStates,
} from '#graphs'
import { JsonLogger, KernelModule, newId } from '#kernel'
import { FakeClock, openHttpTestApp, openTestDatabase, type TestDatabase, TestDatabaseModule } from '#testing'
import { ThreadsModule, ThreadsRepository, ThreadSweeper } from './index.js'
import type { NewThread } from './threads.repository.js'

/** An answer, its body parsed when it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: unknown
}

/** The room over HTTP on a test database. */
export interface ThreadsApp {
  readonly db: TestDatabase
  readonly bus: EventBus
  readonly checkpoints: Checkpoints
  readonly clock: FakeClock
  readonly sweeper: ThreadSweeper
  /** Without graphs of its own, reading a state is recorded here and answered with the empty state. */
  readonly stateReads: { ref: ThreadRef; options: ReadStateOptions }[]
  request(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>
  /** Stores a thread, with values when given, and returns its id. */
  insert(changes: Partial<NewThread>, valuesJson?: string): Promise<string>
  close(): Promise<void>
}

/** The settings that this room reads. */
export function withThreadTtl(ttl: ThreadTtl | null, rest: Partial<ThreadTtlSettings> = {}): Settings {
  const threadTtl = { default: ttl, sweepIntervalMinutes: 5, sweepLimit: 1_000, ...rest }
  return { auth: { kind: 'none' }, redis: null, threadTtl, runs: { eventRetentionMs: 120_000 } } as Settings
}

@Module({})
class TestSettingsModule {
  static register(settings: Settings): DynamicModule {
    const provider = { provide: Settings, useValue: settings }
    return { module: TestSettingsModule, global: true, providers: [provider], exports: [provider] }
  }
}

/** What a spec brings. */
export interface ThreadsAppOptions {
  /** By id; states are then read and written by these. */
  readonly graphs?: Readonly<Record<string, unknown>>
  readonly settings?: Settings
  /** Another application's, to work beside it. */
  readonly db?: TestDatabase
}

/** Opens it; the caller closes it. */
export async function openThreadsApp(options: ThreadsAppOptions = {}): Promise<ThreadsApp> {
  const db = options.db ?? (await openTestDatabase())
  const clock = new FakeClock()
  const settings = options.settings ?? withThreadTtl(null)
  const stateReads: ThreadsApp['stateReads'] = []
  const kernel = KernelModule.register({ logger: JsonLogger.create('silent'), clock })
  const foundation = [
    kernel,
    TestSettingsModule.register(settings),
    TestDatabaseModule.register(db),
    EventsModule,
    AuthModule,
    ScheduleModule.forRoot(),
  ]
  const builder = Test.createTestingModule({ imports: [...foundation, ThreadsModule] })
  const app = await openHttpTestApp(
    options.graphs
      ? builder.overrideProvider(GraphRegistry).useValue(registryOf(options.graphs))
      : recording(builder, stateReads),
  )
  const checkpoints = app.get(Checkpoints, { strict: false })
  await checkpoints.setup()
  return {
    db,
    bus: app.get(EventBus),
    checkpoints,
    clock,
    sweeper: app.get(ThreadSweeper),
    stateReads,
    async request(method, url, payload, headers = {}) {
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
      const isJson = String(answer.headers['content-type']).startsWith('application/json')
      return { status: answer.statusCode, headers: answer.headers, body: isJson ? answer.json() : answer.body }
    },
    async insert(changes, valuesJson) {
      const threads = app.get(ThreadsRepository)
      const blank = { status: 'idle' as const, metadata: {}, config: {}, temporary: false, now: clock.now() }
      const thread = { threadId: newId(), ...blank, ...changes }
      await threads.insertIfAbsent(db.database, thread)
      if (valuesJson !== undefined) {
        const { status, now } = thread
        const settled = { status, settledStatus: 'idle' as const, valuesJson, interruptsJson: null, error: null, now }
        await db.unitOfWork.run((tx) => threads.settle(tx, thread.threadId, settled))
      }
      return thread.threadId
    },
    async close() {
      await app.close()
      if (!options.db) await db.close()
    },
  }
}

function registryOf(graphs: Readonly<Record<string, unknown>>): Pick<GraphRegistry, 'get'> {
  return {
    get: (graphId) => {
      const graph = Object.hasOwn(graphs, graphId) ? (graphs[graphId] as CompiledGraph) : null
      return graph ? Promise.resolve(graph) : Promise.reject(graphNotFound(graphId))
    },
  }
}

function recording(builder: TestingModuleBuilder, stateReads: ThreadsApp['stateReads']): TestingModuleBuilder {
  return builder.overrideProvider(ThreadStates).useValue({
    read: (ref: ThreadRef, options: ReadStateOptions) => {
      stateReads.push({ ref, options })
      return Promise.resolve(EMPTY_THREAD_STATE)
    },
  })
}
