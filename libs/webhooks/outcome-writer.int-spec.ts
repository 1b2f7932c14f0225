import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { openTestDatabase, type TestDatabase } from '#testing'
import type { AttemptOutcome } from './claimed-delivery.js'
import { OutcomeWriter } from './outcome-writer.js'
import { WebhooksRepository } from './webhooks.repository.js'
import { attempts, deliveries, WebhooksUnderTest } from './webhooks.spec.support.js'

describe('storing outcomes', () => {
  let db: TestDatabase
  let webhooks: WebhooksUnderTest
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

  /** Claims so many deliveries for `me` and gives the outcome of each. */
  async function claimed(count: number): Promise<AttemptOutcome[]> {
    for (let n = 0; n < count; n += 1) await webhooks.finish({ webhook: 'https://example.com/', runId: newId() })
    const now = webhooks.clock.now()
    const leaseUntil = new Date(now.getTime() + 1000)
    const request = { now, workerId: 'me', leaseUntil, limit: 100, perHost: 100, known: [], after: '' }
    const { claimed: claims } = await webhooks.app.get(WebhooksRepository).claim(db.database, request)
    const result = { startedAt: now, durationMs: 3, httpStatus: 200, errorCode: null, responseBody: 'ok', reason: null }
    return claims
      .map(({ deliveryId, attempts: attempt }) => ({ deliveryId, attempt, claimedBy: 'me', ...result }))
      .map((outcome) => ({ ...outcome, status: 'delivered' as const, nextAttemptAt: null }))
      .toSorted((a, b) => a.deliveryId.localeCompare(b.deliveryId))
  }

  const statuses = async () => (await deliveries(db)).map(({ status }) => status)

  it('stores many at once', async () => {
    const writer = webhooks.app.get(OutcomeWriter)
    await Promise.all((await claimed(5)).map((outcome) => writer.store(outcome)))
    expect(await statuses()).toEqual(Array(5).fill('delivered'))
    expect(await attempts(db)).toHaveLength(5)
  })

  it('stores the others when one row is refused, and goes on trying that one', async () => {
    const writer = webhooks.app.get(OutcomeWriter)
    const [bad, ...good] = await claimed(4)
    if (!bad) throw new Error('nothing was claimed')
    // The first statement carries one row; the other three share the second one.
    const first = writer.store(good.pop() as AttemptOutcome)
    const refused = writer.store({ ...bad, responseBody: '\u0000' })
    await Promise.all([first, ...good.map((outcome) => writer.store(outcome))])
    expect(await statuses()).toEqual(['delivering', 'delivered', 'delivered', 'delivered'])
    let isGivenUp = false
    const givenUp = refused.then(() => (isGivenUp = true))
    while (!isGivenUp) await webhooks.clock.advance(1000)
    expect(await givenUp).toBe(true)
    expect(await statuses()).toEqual(['delivering', 'delivered', 'delivered', 'delivered'])
  })

  it('says so when it gives up', async () => {
    const writer = webhooks.app.get(OutcomeWriter)
    const [bad] = await claimed(1)
    if (!bad) throw new Error('nothing was claimed')
    let isGivenUp = false
    const refused = writer.store({ ...bad, responseBody: '\u0000' }).then(() => (isGivenUp = true))
    while (!isGivenUp) await webhooks.clock.advance(1000)
    await refused
    const told = { level: 'error', msg: 'outcome of a webhook attempt was given up', deliveryId: bad.deliveryId }
    expect(webhooks.logged().at(-1)).toMatchObject(told)
  })

  it('ends its tries when it is closed, and takes no more', async () => {
    const writer = webhooks.app.get(OutcomeWriter)
    const [bad, late] = await claimed(2)
    if (!bad || !late) throw new Error('nothing was claimed')
    const refused = writer.store({ ...bad, responseBody: '\u0000' })
    while (webhooks.clock.waiting === 0) await nextTurn()
    writer.close()
    await refused
    await writer.store(late)
    expect(webhooks.clock.waiting).toBe(0)
    expect(await statuses()).toEqual(['delivering', 'delivering'])
  })

  it('writes nothing for a claim that is not its own any more', async () => {
    const writer = webhooks.app.get(OutcomeWriter)
    const [other, older] = await claimed(2)
    if (!other || !older) throw new Error('nothing was claimed')
    const told: string[] = []
    webhooks.bus.afterCommit('webhook.delivered', 'spec', ({ deliveryId }) => void told.push(deliveryId))
    await writer.store({ ...other, claimedBy: 'somebody else' })
    await writer.store({ ...older, attempt: older.attempt + 1 })
    expect(await statuses()).toEqual(['delivering', 'delivering'])
    expect(await attempts(db)).toEqual([])
    expect(told).toEqual([])
  })

  it('gives back and renews only its own claims', async () => {
    const repository = webhooks.app.get(WebhooksRepository)
    const claims = (await claimed(1)).map(({ deliveryId, attempt }) => ({ deliveryId, attempts: attempt }))
    const later = new Date(webhooks.clock.now().getTime() + 60_000)
    await repository.renew(db.database, 'me', claims, later)
    const early = new Date(later.getTime() - 1)
    expect(await repository.recoverLost(db.database, early, 9, { workerId: 'me', held: claims })).toEqual([])
    await repository.handBack(db.database, 'somebody else', claims)
    expect(await statuses()).toEqual(['delivering'])
    const former = claims.map(({ deliveryId, attempts: attempt }) => ({ deliveryId, attempts: attempt - 1 }))
    await repository.handBack(db.database, 'me', former)
    expect(await statuses()).toEqual(['delivering'])
    const muchLater = new Date(later.getTime() + 60_000)
    await repository.renew(db.database, 'somebody else', claims, muchLater)
    await repository.renew(db.database, 'me', former, muchLater)
    const { rows } = await db.database.query('SELECT lease_until AS until FROM webhook_deliveries')
    expect(rows).toEqual([{ until: later }])
    await repository.handBack(db.database, 'me', claims)
    const nextAttemptAt = webhooks.clock.now()
    expect(await deliveries(db)).toMatchObject([{ status: 'pending', attempts: 0, nextAttemptAt }])
    // What is given back is nobody's: it is not given back twice.
    await repository.handBack(db.database, 'me', claims)
    expect(await deliveries(db)).toMatchObject([{ status: 'pending', attempts: 0, nextAttemptAt }])
  })
})
