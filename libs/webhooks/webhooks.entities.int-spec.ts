import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataSourceOptions } from '#database'
import { openTestDatabase, type TestDatabase } from '#testing'
import { WebhookAttempt } from './webhook-attempt.entity.js'
import { WebhookDelivery } from './webhook-delivery.entity.js'
import { attempts, delivery, WebhooksUnderTest } from './webhooks.spec.support.js'

describe('the entities', () => {
  let db: TestDatabase
  let entities: DataSource
  beforeAll(async () => {
    db = await openTestDatabase()
    entities = new DataSource({ ...dataSourceOptions(db.pool), entities: [WebhookDelivery, WebhookAttempt] })
    await entities.initialize()
  })
  afterAll(() => db.close())

  it('read what the dispatcher wrote', async () => {
    const webhooks = await WebhooksUnderTest.start(db)
    await webhooks.finish({ webhook: '/inspector/box' })
    const { deliveryId } = await delivery(db, { status: 'delivered' })
    await webhooks.stop()
    const stored = await entities.getRepository(WebhookDelivery).findOneByOrFail({ deliveryId })
    expect(stored).toMatchObject({
      url: '/inspector/box',
      hostKey: 'path:/inspector/box',
      attempts: 1,
      cycleAttempts: 1,
    })
    expect(stored.settledAt).toEqual(webhooks.clock.now())
    const [attempt] = await attempts(db)
    expect(await entities.getRepository(WebhookAttempt).find()).toMatchObject([{ deliveryId, ...attempt }])
  })

  it('have the columns of the migration, no more and no fewer', async () => {
    const { rows } = await db.database.query<{ table: string; column: string; nullable: boolean }>(
      `SELECT table_name AS "table", column_name AS "column", is_nullable = 'YES' AS nullable
       FROM information_schema.columns WHERE table_name IN ('webhook_deliveries', 'webhook_attempts')`,
    )
    const mapped = entities.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map((column) => ({ table: tableName, column: column.databaseName, nullable: column.isNullable })),
    )
    const sorted = (list: typeof rows) => list.map((row) => JSON.stringify(row)).toSorted()
    expect(sorted(mapped)).toEqual(sorted(rows))
  })
})
