import { Global, Module } from '@nestjs/common'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { ScheduleModule } from '@nestjs/schedule'
import { Test } from '@nestjs/testing'
import { Settings } from '#config'
import { Database, UnitOfWork } from '#database'
import { EventBus, EventsModule } from '#events'
import { JsonLogger, KernelModule, type Logger, type LogLevel } from '#kernel'
import { FakeClock, FakeRandom, type TestDatabase, useTestEdge } from '#testing'
import { Resolver } from './resolver.js'
import { runFinished, type RunFinishedChange } from './run-finished.spec.support.js'
import type { WebhookAttempt } from './webhook-attempt.entity.js'
import type { WebhookDelivery } from './webhook-delivery.entity.js'
import { WebhookDispatcher } from './webhook-dispatcher.js'
import { webhookSettings, type WebhookSettingsChange } from './webhook-settings.spec.support.js'
import { WebhooksModule } from './webhooks.module.js'

/** What a spec wants different from a server in development. */
export interface WebhooksChange {
  readonly webhooks?: WebhookSettingsChange
  readonly adminKey?: string
  readonly mode?: Settings['mode']
  readonly mountPrefix?: string
  /** Answers of DNS by name; a name that is not there does not resolve. */
  readonly names?: Readonly<Record<string, readonly string[]>>
  /** Answers in place of `names`. */
  readonly resolver?: Resolver
  readonly clock?: FakeClock
  /** What is logged; `warn` unless told. */
  readonly logLevel?: LogLevel
}

/** The columns of a delivery that specs look at. */
export type DeliveryRow = Pick<
  WebhookDelivery,
  'deliveryId' | 'status' | 'attempts' | 'lastErrorCode' | 'lastHttpStatus' | 'nextAttemptAt' | 'body' | 'claimedBy'
>

/** The room as the composition root makes it, over a test database, with a clock that stands still. */
export class WebhooksUnderTest {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly clock: FakeClock,
    private readonly db: TestDatabase,
    private readonly lines: readonly string[],
  ) {}

  static async create(db: TestDatabase, change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
    const clock = change.clock ?? new FakeClock(new Date('2026-03-01T12:00:02.000Z'))
    const lines: string[] = []
    const logger = JsonLogger.create(change.logLevel ?? 'warn', { write: (line) => void lines.push(line) })
    const testing = Test.createTestingModule({
      imports: [
        kernel(clock, logger),
        ScheduleModule.forRoot(),
        EventsModule,
        surroundings(db, settingsOf(change)),
        WebhooksModule,
      ],
    })
    testing.overrideProvider(Resolver).useValue(change.resolver ?? new FakeResolver(change.names ?? {}))
    const app = (await testing.compile()).createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
      logger: false,
    })
    app.enableCors({ origin: '*' })
    useTestEdge(app)
    return new WebhooksUnderTest(app, clock, db, lines)
  }

  /** Created and begun: listens for events and sends. */
  static async start(db: TestDatabase, change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
    const webhooks = await WebhooksUnderTest.create(db, change)
    await webhooks.app.init()
    webhooks.dispatcher.start()
    return webhooks
  }

  get dispatcher(): WebhookDispatcher {
    return this.app.get(WebhookDispatcher)
  }

  get bus(): EventBus {
    return this.app.get(EventBus)
  }

  /** What was written to the log, oldest first. */
  logged(): object[] {
    return this.lines.map((line) => JSON.parse(line) as object)
  }

  /** Ends a run: publishes the fact in a transaction, as the runs do. */
  async finish(change: RunFinishedChange): Promise<void> {
    await this.db.unitOfWork.run((tx) => this.bus.publish(tx, 'run.finished', runFinished(change)))
  }

  async stop(graceMs = 0): Promise<void> {
    await this.dispatcher.stop(graceMs)
    await this.app.close()
  }
}

/** All deliveries, oldest first. */
export async function deliveries(db: TestDatabase): Promise<DeliveryRow[]> {
  const { rows } = await db.database.query<DeliveryRow>(
    `SELECT delivery_id AS "deliveryId", status, attempts, last_error_code AS "lastErrorCode",
       last_http_status AS "lastHttpStatus", next_attempt_at AS "nextAttemptAt", body, claimed_by AS "claimedBy"
     FROM webhook_deliveries ORDER BY delivery_id`,
  )
  return rows
}

/** All attempts, in order. */
export async function attempts(db: TestDatabase): Promise<Omit<WebhookAttempt, 'deliveryId'>[]> {
  const { rows } = await db.database.query<Omit<WebhookAttempt, 'deliveryId'>>(
    `SELECT attempt, started_at AS "startedAt", duration_ms AS "durationMs", http_status AS "httpStatus",
       error_code AS "errorCode", response_body AS "responseBody"
     FROM webhook_attempts ORDER BY delivery_id, attempt`,
  )
  return rows
}

/** The only delivery, once it looks as described. @throws Error with its row when it does not within 10 s. */
export function delivery(db: TestDatabase, expected: Partial<DeliveryRow>): Promise<DeliveryRow> {
  const keys = Object.keys(expected) as (keyof DeliveryRow)[]
  return once(db, ([row]) => (row && keys.every((key) => row[key] === expected[key]) ? row : null))
}

/** Resolves once there are so many deliveries and all are delivered. @throws Error when they are not within 10 s. */
export async function allDelivered(db: TestDatabase, count: number): Promise<void> {
  await once(db, (rows) => (areDelivered(rows, count) ? rows : null))
}

/** Whether they are now. */
export async function isAllDelivered(db: TestDatabase, count: number): Promise<boolean> {
  return areDelivered(await deliveries(db), count)
}

function areDelivered(rows: readonly DeliveryRow[], count: number): boolean {
  return rows.length === count && rows.every(({ status }) => status === 'delivered')
}

/** Resolves once the statuses of all deliveries, sorted, are these. @throws Error when they are not within 10 s. */
export async function settled(db: TestDatabase, expected: readonly string[]): Promise<void> {
  const wanted = expected.join()
  await once(db, (rows) =>
    rows
      .map(({ status }) => status)
      .toSorted()
      .join() === wanted
      ? rows
      : null,
  )
}

async function once<Found>(db: TestDatabase, find: (rows: DeliveryRow[]) => Found | null): Promise<Found> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const rows = await deliveries(db)
    const found = find(rows)
    if (found !== null) return found
    if (Date.now() > deadline) throw new Error(`the deliveries are ${JSON.stringify(rows.slice(0, 5))}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

class FakeResolver extends Resolver {
  constructor(private readonly names: Readonly<Record<string, readonly string[]>>) {
    super()
  }

  override resolve(host: string): Promise<string[]> {
    const addresses = this.names[host]
    if (addresses) return Promise.resolve([...addresses])
    return Promise.reject(Object.assign(new Error(`${host} does not resolve`), { code: 'ENOTFOUND' }))
  }
}

function kernel(clock: FakeClock, logger: Logger) {
  return KernelModule.register({ logger, clock, random: new FakeRandom() })
}

function settingsOf(
  change: WebhooksChange,
): Pick<Settings, 'configFile' | 'configVariables' | 'webhooks' | 'adminKey' | 'mode'> & { http: object } {
  return {
    configFile: '/project/langgraph.json',
    configVariables: ['LANGGRAPH_STORE', 'LANGGRAPH_WEBHOOKS'],
    webhooks: webhookSettings({ allowPrivateNetworks: true, inspector: true, ...change.webhooks }),
    adminKey: change.adminKey ?? null,
    mode: change.mode ?? 'dev',
    http: { mountPrefix: change.mountPrefix ?? '' },
  }
}

function surroundings(db: TestDatabase, settings: object) {
  @Global()
  @Module({
    providers: [
      { provide: Settings, useValue: settings },
      { provide: Database, useValue: db.database },
      { provide: UnitOfWork, useValue: db.unitOfWork },
    ],
    exports: [Settings, Database, UnitOfWork],
  })
  class Surroundings {}
  return Surroundings
}
