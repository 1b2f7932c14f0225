import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { FakeClock, openTestDatabase, type TestDatabase } from '#testing'
import { RunsUnderTest } from '../runs/runs-app.spec.support.js'
import { CronScheduler } from './cron-scheduler.js'
import type { WireCron } from './cron-wire.js'
import { CronsModule } from './crons.module.js'

/** What a raw request came to. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** A run as these specs look at it. */
export interface FiredRun {
  readonly runId: string
  readonly threadId: string
  readonly status: string
  readonly metadata: Record<string, unknown>
  readonly kwargs: { readonly config: { readonly configurable: Record<string, unknown> } } & Record<string, unknown>
  readonly webhook: string | null
  readonly temporary: boolean
  readonly strategy: string
}

/** The room over a test database; another one on the same database, with the same clock, plays another process. */
export class CronsUnderTest {
  private constructor(readonly runs: RunsUnderTest) {}

  static async open(db: TestDatabase, clock: FakeClock): Promise<CronsUnderTest> {
    return new CronsUnderTest(await RunsUnderTest.open(db, { clock, above: [CronsModule] }))
  }

  get scheduler(): CronScheduler {
    return this.runs.app.get(CronScheduler)
  }

  async request(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object): Promise<Answer> {
    const answer = await this.runs.app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
    const { statusCode: status, headers, body } = answer
    return { status, headers, body: body === '' ? undefined : (JSON.parse(body) as unknown) }
  }

  /** Makes a cron of each minute, and what a spec wants different. */
  async make(body: object = {}, threadId: string | null = null): Promise<WireCron> {
    const path = threadId === null ? '/runs/crons' : `/threads/${threadId}/runs/crons`
    const answer = await this.request('POST', path, { schedule: '* * * * *', assistant_id: 'graph', ...body })
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    return answer.body as WireCron
  }

  async get(cronId: string): Promise<WireCron> {
    return (await this.request('GET', `/runs/crons/${cronId}`)).body as WireCron
  }

  async patch(cronId: string, body: object): Promise<WireCron> {
    const answer = await this.request('PATCH', `/runs/crons/${cronId}`, body)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    return answer.body as WireCron
  }

  /** Stops the scheduler and the worker as the stop sequence does, and closes the application. */
  async close(): Promise<void> {
    await this.runs.advanceUntil(this.scheduler.stop())
    await this.runs.close()
  }
}

/** One database for the specs of a file, and for each of them the room anew over empty tables, at the start of 2026. */
export class CronsRoom {
  #db: TestDatabase | null = null
  #clock = new FakeClock()
  #open: CronsUnderTest[] = []

  /** Registers the hooks of the file. */
  static use(): CronsRoom {
    const room = new CronsRoom()
    beforeAll(async () => void (room.#db = await openTestDatabase()))
    afterAll(() => room.db.close())
    beforeEach(async () => {
      await room.db.database.query('TRUNCATE threads, crons, webhook_deliveries CASCADE')
      room.#clock = new FakeClock()
      await room.another()
    })
    afterEach(async () => {
      for (const crons of room.#open.splice(0)) await crons.close()
    })
    return room
  }

  get db(): TestDatabase {
    if (this.#db === null) throw new Error('only inside a test')
    return this.#db
  }

  get clock(): FakeClock {
    return this.#clock
  }

  get crons(): CronsUnderTest {
    const [first] = this.#open
    if (!first) throw new Error('only inside a test')
    return first
  }

  /** Opens the room once more on the same database and clock. */
  async another(): Promise<CronsUnderTest> {
    const opened = await CronsUnderTest.open(this.db, this.#clock)
    this.#open.push(opened)
    return opened
  }

  /** All runs, oldest first. */
  async fired(): Promise<FiredRun[]> {
    const { rows } = await this.db.database.query<FiredRun>(
      `SELECT run_id AS "runId", thread_id AS "threadId", status, metadata, kwargs, webhook, temporary,
              multitask_strategy AS strategy FROM runs ORDER BY created_at, run_id`,
    )
    return rows
  }

  /** Lets the schedulers work, with the time standing still, until nothing is due, or nothing of this cron. */
  async caughtUp(cronId: string | null = null): Promise<void> {
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      const { rows } = await this.db.database.query(
        'SELECT 1 FROM crons WHERE enabled AND next_run_date <= $1 AND ($2::uuid IS NULL OR cron_id = $2)',
        [this.#clock.now(), cronId],
      )
      if (rows.length === 0) return
    }
    throw new Error('what was due has not been fired')
  }

  /** Moves the time on and waits until all that is due by then is fired, or all of this cron. */
  async advance(ms: number, cronId: string | null = null): Promise<void> {
    await this.#clock.advance(ms)
    await this.caughtUp(cronId)
  }
}

/** More looks at the table than any firing takes. */
const MAX_LOOKS = 5_000
