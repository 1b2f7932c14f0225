import { Global, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { Settings } from '#config'
import { AuthModule } from '#auth'
import { EventBus, EventsModule } from '#events'
import { graphNotFound, GraphRegistry } from '#graphs'
import { JsonLogger, KernelModule, newId } from '#kernel'
import { FakeClock, openHttpTestApp, openTestDatabase, type TestDatabase, TestDatabaseModule } from '#testing'
import { AssistantsModule, AssistantsService } from './index.js'
import type { AssistantFields } from './assistant.entity.js'
import { AssistantsRepository } from './assistants.repository.js'

/** An answer, its body parsed when it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: unknown
}

/** Makes the graph of an id for a config. */
export type GraphMaker = (config: object) => unknown

/** The room over HTTP on a test database, with the system assistants of its graphs made. */
export interface AssistantsApp {
  readonly db: TestDatabase
  readonly bus: EventBus
  readonly clock: FakeClock
  readonly service: AssistantsService
  readonly repository: AssistantsRepository
  request(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object): Promise<Answer>
  /** Stores an assistant as it is, without a version. */
  insert(changes: Partial<AssistantFields>): Promise<AssistantFields>
  /** Removes every assistant but those of the system. */
  reset(): Promise<void>
  close(): Promise<void>
}

const settings = {
  auth: { kind: 'none' },
  graphs: [{ graphId: 'agent', file: '/project/agent.ts', exportName: 'graph', description: 'Talks' }],
  assistantDefaults: { agent: { config: { configurable: { model_name: 'openai' } }, context: { tone: 'dry' } } },
}

@Global()
@Module({ providers: [{ provide: Settings, useValue: settings }], exports: [Settings] })
class SettingsModule {}

/** Opens it with graphs `agent`, `other` and those given; the caller closes it. */
export async function openAssistantsApp(graphs: Record<string, GraphMaker> = {}): Promise<AssistantsApp> {
  const db = await openTestDatabase()
  const clock = new FakeClock()
  const kernel = KernelModule.register({ logger: JsonLogger.create('silent'), clock })
  const imports = [kernel, SettingsModule, TestDatabaseModule.register(db), EventsModule, AuthModule, AssistantsModule]
  const builder = Test.createTestingModule({ imports }).overrideProvider(GraphRegistry)
  const app = await openHttpTestApp(builder.useValue(registryOf({ agent: Object, other: Object, ...graphs })))
  const repository = app.get(AssistantsRepository)
  const service = app.get(AssistantsService)
  return {
    db,
    bus: app.get(EventBus),
    clock,
    service,
    repository,
    request: async (method, url, payload) => {
      const { statusCode, headers, body } = await app.inject({ method, url, ...(payload ? { payload } : {}) })
      return { status: statusCode, headers, body: body === '' ? '' : (JSON.parse(body) as unknown) }
    },
    insert: async (changes) => {
      const assistant = { ...blankAssistant(clock.now()), ...changes }
      await repository.insertIfAbsent(db.database, assistant)
      return assistant
    },
    reset: async () => {
      await db.database.query('DELETE FROM assistants')
      await service.ensureSystemAssistants()
    },
    close: async () => {
      await app.close()
      await db.close()
    },
  }
}

function registryOf(graphs: Record<string, GraphMaker>) {
  return {
    ids: () => Object.keys(graphs),
    has: (id: string) => Object.hasOwn(graphs, id),
    get: (id: string, config: object) =>
      Promise.resolve().then(() => {
        const make = graphs[id]
        if (!make) throw graphNotFound(id)
        return make(config)
      }),
  }
}

function blankAssistant(now: Date): AssistantFields {
  const blank = { graphId: 'agent', name: 'Untitled', description: null, config: {}, context: {}, metadata: {} }
  return { assistantId: newId(), ...blank, version: 1, createdAt: now, updatedAt: now }
}
