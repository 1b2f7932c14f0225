import { Global, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { EventBus, EventsModule } from '#events'
import { Settings } from '#config'
import { Checkpoints, EMPTY_THREAD_STATE, type ReadStateOptions, type ThreadRef, ThreadStates } from '#graphs'
import { JsonLogger, KernelModule, newId } from '#kernel'
import { FakeClock, openHttpTestApp, openTestDatabase, type TestDatabase, TestDatabaseModule } from '#testing'
import { ThreadsModule, ThreadsRepository } from './index.js'
import type { NewThread } from './threads.repository.js'

/** An answer, its body parsed when it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: unknown
}

/** The room over HTTP on a test database; reading states is recorded and answered with the empty state. */
export interface ThreadsApp {
  readonly db: TestDatabase
  readonly bus: EventBus
  readonly checkpoints: Checkpoints
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

@Global()
@Module({ providers: [{ provide: Settings, useValue: {} }], exports: [Settings] })
class EmptySettingsModule {}

/** Opens it; the caller closes it. */
export async function openThreadsApp(): Promise<ThreadsApp> {
  const db = await openTestDatabase()
  const clock = new FakeClock()
  const stateReads: ThreadsApp['stateReads'] = []
  const kernel = KernelModule.register({ logger: JsonLogger.create('silent'), clock })
  const imports = [kernel, EmptySettingsModule, TestDatabaseModule.register(db), EventsModule, ThreadsModule]
  const app = await openHttpTestApp(
    Test.createTestingModule({ imports })
      .overrideProvider(ThreadStates)
      .useValue({
        read: (ref: ThreadRef, options: ReadStateOptions) => {
          stateReads.push({ ref, options })
          return Promise.resolve(EMPTY_THREAD_STATE)
        },
      }),
  )
  const checkpoints = app.get(Checkpoints, { strict: false })
  await checkpoints.setup()
  return {
    db,
    bus: app.get(EventBus),
    checkpoints,
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
      await db.close()
    },
  }
}
