import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openTestDatabase, Receiver, type TestDatabase } from '#testing'
import { type WebhooksChange, WebhooksUnderTest } from './webhooks.spec.support.js'

/** What specs of the room stand on: a database, empty before each test, a receiver, and servers that are stopped after it. */
export class WebhookGround {
  #db: TestDatabase | null = null
  #receiver: Receiver | null = null
  #running: WebhooksUnderTest[] = []

  /** For the tests of the `describe` that calls it. */
  static use(): WebhookGround {
    const ground = new WebhookGround()
    beforeAll(async () => {
      ground.#db = await openTestDatabase()
    })
    afterAll(() => ground.db.close())
    beforeEach(async () => {
      await ground.#clear()
      ground.#receiver = await Receiver.start()
    })
    afterEach(async () => {
      await ground.stopAll()
      await ground.receiver.close()
    })
    return ground
  }

  get db(): TestDatabase {
    if (this.#db === null) throw new Error('the database is opened before the first test')
    return this.#db
  }

  get receiver(): Receiver {
    if (this.#receiver === null) throw new Error('the receiver is started before each test')
    return this.#receiver
  }

  /** A server that sends. */
  async start(change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
    const webhooks = await WebhooksUnderTest.start(this.db, change)
    this.#running.push(webhooks)
    return webhooks
  }

  /** A server that stores and answers but does not send, until its dispatcher is started. */
  async create(change: WebhooksChange = {}): Promise<WebhooksUnderTest> {
    const webhooks = await WebhooksUnderTest.create(this.db, change)
    this.#running.push(webhooks)
    await webhooks.app.init()
    return webhooks
  }

  /** Stops every server now; what it left in the database stays. */
  async stopAll(graceMs = 0): Promise<void> {
    const running = this.#running
    this.#running = []
    for (const webhooks of running) await webhooks.stop(graceMs)
  }

  async #clear(): Promise<void> {
    const { database } = this.db
    await database.query('TRUNCATE webhook_deliveries, webhook_breakers, webhook_settings_changes CASCADE')
    await database.query(
      `UPDATE webhook_settings SET disabled = false, changed_at = NULL, changed_by = NULL, address = NULL, reason = NULL,
         held_ms = 0, file_off_since = NULL, discarded_so_far = NULL`,
    )
  }
}
