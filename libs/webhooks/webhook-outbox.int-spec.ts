import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import { runFinished } from './run-finished.spec.support.js'
import { deliveries, WebhooksUnderTest } from './webhooks.spec.support.js'

describe('the outbox', () => {
  let db: TestDatabase
  let webhooks: WebhooksUnderTest
  const url = 'https://example.com/hook?token=1'

  beforeAll(async () => {
    db = await openTestDatabase()
  })
  afterAll(() => db.close())
  beforeEach(async () => {
    await db.database.query('TRUNCATE webhook_deliveries CASCADE')
    webhooks = await WebhooksUnderTest.create(db)
    await webhooks.app.init()
  })
  afterEach(() => webhooks.stop())

  it('stores one delivery that needs nothing of the run any more', async () => {
    const runId = newId()
    await webhooks.finish({ webhook: url, runId })
    const { rows } = await db.database.query('SELECT * FROM webhook_deliveries')
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      run_id: runId,
      url,
      host_key: 'https://example.com:443',
      run_status: 'success',
      thread_status: 'idle',
      status: 'pending',
      attempts: 0,
      next_attempt_at: webhooks.clock.now(),
    })
    const [row] = await deliveries(db)
    expect(JSON.parse(String(row?.body))).toMatchObject({ run_id: runId, status: 'success', values: { answer: 42 } })
  })

  it('stores nothing when the transaction that ends the run fails', async () => {
    const work = db.unitOfWork.run(async (tx) => {
      await webhooks.bus.publish(tx, 'run.finished', runFinished({ webhook: url }))
      throw new Error('the run could not be stored')
    })
    await expect(work).rejects.toThrow('could not be stored')
    expect(await deliveries(db)).toEqual([])
  })

  it('ends a run whose webhook no rule would take any more, and no index either', async () => {
    // Written before there was such a rule; no two letters alike, as an index compresses what repeats itself.
    const letters = Array.from({ length: 1_900 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * 7_919) % 20_000)))
    await webhooks.finish({ webhook: `http://${letters.join('')}.example/` })
    expect(await deliveries(db)).toMatchObject([{ status: 'pending' }])
  })

  it('stores nothing for a run without a webhook', async () => {
    await webhooks.finish({ webhook: null })
    expect(await deliveries(db)).toEqual([])
  })

  it('stores nothing while webhooks are off by the file', async () => {
    const off = await WebhooksUnderTest.start(db, { webhooks: { disabled: true } })
    await off.finish({ webhook: url })
    expect(await deliveries(db)).toEqual([])
    await off.stop()
  })

  it('lets the run end although its body cannot be built: the delivery is dead', async () => {
    const died: string[] = []
    webhooks.bus.afterCommit('webhook.died', 'spec', ({ runId }) => void died.push(runId))
    const runId = newId()
    await webhooks.finish({ webhook: url, runId, kwargs: { input: 1n } })
    expect(await deliveries(db)).toMatchObject([{ status: 'dead', lastErrorCode: 'unserialisable', body: null }])
    expect(died).toEqual([runId])
  })

  it('stores what PostgreSQL would refuse: a lone surrogate and U+0000 in URL and values', async () => {
    await webhooks.finish({ webhook: 'https://example.com/\u0000\ud800', valuesJson: '{"x":"\\u0000\\ud800"}' })
    const [row] = await deliveries(db)
    expect(JSON.parse(String(row?.body))).toMatchObject({ values: { x: '\u0000\ud800' } })
  })
})
