import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { newId } from '#kernel'
import { WebhookGround } from './webhook-ground.spec.support.js'
import { delivery } from './webhooks.spec.support.js'

describe('a webhook that is given up', () => {
  const ground = WebhookGround.use()

  it('leaves a line in the log, without what its URL may hold beside the host', async () => {
    const webhooks = await ground.start()
    ground.receiver.answer({ status: 410 })
    const runId = newId()
    await webhooks.finish({ webhook: ground.receiver.url('/hook?token=sesame'), runId })
    const { deliveryId } = await delivery(ground.db, { status: 'dead' })
    const host = new URL(ground.receiver.url()).origin
    const line = { deliveryId, run_id: runId, host, code: 'status', status: 410, attempts: 1 }
    await expect.poll(() => webhooks.logged()).toMatchObject([{ ...line, msg: expect.stringContaining('given up') }])
    expect(JSON.stringify(webhooks.logged())).not.toContain('sesame')
  })

  it('leaves one of each failed attempt in dev', async () => {
    const webhooks = await ground.start({ logLevel: 'info' })
    ground.receiver.answer({ status: 503 })
    const runId = newId()
    await webhooks.finish({ webhook: ground.receiver.url('/hook?token=sesame'), runId })
    const { deliveryId } = await delivery(ground.db, { status: 'pending', attempts: 1 })
    const host = new URL(ground.receiver.url()).origin
    const line = { level: 'info', deliveryId, run_id: runId, host, code: 'status', status: 503, attempt: 1 }
    expect(webhooks.logged()).toMatchObject([{ ...line, msg: 'a webhook did not arrive' }])
    await webhooks.clock.advance(6_000)
    await delivery(ground.db, { status: 'delivered' })
    expect(webhooks.logged()).toHaveLength(1)
    expect(JSON.stringify(webhooks.logged())).not.toContain('sesame')
  })

  it('leaves none of failed attempts in start', async () => {
    const webhooks = await ground.start({ logLevel: 'info', mode: 'start' })
    ground.receiver.answer({ status: 503 })
    await webhooks.finish({ webhook: ground.receiver.url() })
    await delivery(ground.db, { status: 'pending', attempts: 1 })
    expect(webhooks.logged()).toEqual([])
  })

  it('is one of twenty lines of a second at most, and a number says how many more there were', async () => {
    const webhooks = await ground.create()
    const die = (count: number) =>
      ground.db.unitOfWork.run(async (tx) => {
        for (let index = 0; index < count; index += 1) {
          const ids = { deliveryId: newId(), runId: newId() }
          const end = { hostKey: 'http://x:80', errorCode: 'breaker', httpStatus: null, attempts: 3 }
          await webhooks.bus.publish(tx, 'webhook.died', { ...ids, ...end })
        }
      })
    await die(10_000)
    expect(webhooks.logged()).toHaveLength(20)
    await webhooks.clock.advance(1_000)
    expect(webhooks.logged().at(-1)).toMatchObject({ count: 9_980 })
    await die(1)
    expect(webhooks.logged()).toHaveLength(22)
    await webhooks.clock.advance(1_000)
    expect(webhooks.logged()).toHaveLength(22)
  })
})
