import { Global, Module } from '@nestjs/common'
import { ScheduleModule } from '@nestjs/schedule'
import { Test } from '@nestjs/testing'
import { AuthModule } from '#auth'
import { Settings, type StoreSettings } from '#config'
import { GraphStore, ModuleImporter } from '#graphs'
import { KernelModule, type Logger } from '#kernel'
import { FakeClock, openHttpTestApp, openTestDatabase, type TestDatabase, TestDatabaseModule } from '#testing'
import { StoreIndex, StoreModule, StoreService, StoreSweeper } from './index.js'

/** An answer, its body parsed when it is JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** A line that was logged. */
export interface LogLine {
  readonly level: string
  readonly fields: object
  readonly message: string
}

/** The room over HTTP on a test database. */
export interface StoreApp {
  readonly db: TestDatabase
  readonly clock: FakeClock
  readonly store: StoreService
  readonly index: StoreIndex
  readonly sweeper: StoreSweeper
  readonly graphStore: GraphStore
  readonly logged: LogLine[]
  request(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object): Promise<Answer>
  /** Puts an item over HTTP, which must succeed. */
  put(namespace: string[], key: string, value: object, rest?: object): Promise<void>
  /** The keys that a search over HTTP finds. */
  keys(search: object): Promise<string[]>
  close(): Promise<void>
}

/** The store as configured when nothing is. */
export const PLAIN: StoreSettings = {
  index: null,
  defaultTtlMinutes: null,
  refreshOnRead: true,
  sweepIntervalMinutes: 5,
}

/**
 * Opens it; `embed` is what the module of `index.embed` exports under that name, `vectors` whether an embedded database
 * gets pgvector. The caller closes it.
 */
export async function openStoreApp(
  settings: Partial<StoreSettings> = {},
  embed?: unknown,
  vectors = settings.index !== undefined,
): Promise<StoreApp> {
  const db = await openTestDatabase({ vectors })
  const clock = new FakeClock()
  const logged: LogLine[] = []
  const ground = groundModule({ ...PLAIN, ...settings })
  const kernel = KernelModule.register({ logger: listLogger(logged), clock })
  const imports = [kernel, ground, ScheduleModule.forRoot(), TestDatabaseModule.register(db), AuthModule, StoreModule]
  const app = await openHttpTestApp(
    Test.createTestingModule({ imports })
      .overrideProvider(ModuleImporter)
      .useValue({ import: () => Promise.resolve({ embed }) }),
  )
  const request: StoreApp['request'] = async (method, url, payload) => {
    const answer = await app.inject({ method, url, ...(payload ? { payload } : {}) })
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    return { status: answer.statusCode, body: isJson ? answer.json() : answer.body }
  }
  return {
    db,
    clock,
    logged,
    request,
    store: app.get(StoreService),
    index: app.get(StoreIndex),
    sweeper: app.get(StoreSweeper),
    graphStore: app.get(GraphStore, { strict: false }),
    async put(namespace, key, value, rest = {}) {
      const { status } = await request('PUT', '/store/items', { namespace, key, value, ...rest })
      if (status !== 204) throw new Error(`the put was answered with ${status}`)
    },
    async keys(search) {
      const { body } = await request('POST', '/store/items/search', search)
      return (body as { items: { key: string }[] }).items.map(({ key }) => key)
    },
    async close() {
      await app.close()
      await db.close()
    },
  }
}

function groundModule(store: StoreSettings) {
  const settings = { auth: { kind: 'none' }, projectDir: '/project', graphs: [], environment: {}, store }
  @Global()
  @Module({ providers: [{ provide: Settings, useValue: settings }], exports: [Settings] })
  class GroundModule {}
  return GroundModule
}

function listLogger(logged: LogLine[]): Logger {
  const write = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message })
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  }
  return logger
}
