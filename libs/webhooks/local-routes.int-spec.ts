import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { CustomRoutes } from '#kernel'
import { KEPT_BYTES } from './answer-text.js'
import { WebhookGround } from './webhook-ground.spec.support.js'
import { attempts, deliveries, delivery, type WebhooksUnderTest } from './webhooks.spec.support.js'

/** A route's body: says that it was asked for, and whether it was cancelled. */
class Drip {
  readonly asked: Promise<void>
  readonly cancelled: Promise<void>
  readonly body: ReadableStream<Uint8Array>

  constructor(pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void, onCancel?: Promise<void>) {
    let tellAsked = () => {}
    let tellCancelled = () => {}
    this.asked = new Promise((resolve) => (tellAsked = resolve))
    this.cancelled = new Promise((resolve) => (tellCancelled = resolve))
    const source = {
      pull: (controller: ReadableStreamDefaultController<Uint8Array>) => {
        pull(controller)
        tellAsked()
      },
      cancel: () => {
        tellCancelled()
        return onCancel
      },
    }
    // Nothing is asked for before somebody reads.
    this.body = new ReadableStream(source, { highWaterMark: 0 })
  }
}

const NEVER = new Promise<never>(() => {})

describe('a webhook to a route of the project', () => {
  const ground = WebhookGround.use()

  async function start(answer: (request: Request) => Promise<Response>): Promise<WebhooksUnderTest> {
    const webhooks = await ground.start()
    webhooks.app.get(CustomRoutes).mount(answer)
    return webhooks
  }

  /** Gives one piece at once, and no more. */
  function dripping(piece: string, onCancel?: Promise<void>): Drip {
    let isFirst = true
    return new Drip((controller) => {
      if (isFirst) controller.enqueue(Buffer.from(piece))
      isFirst = false
    }, onCancel)
  }

  it.each([
    ['', undefined],
    [' although the route never lets go', NEVER],
  ])('that answers and then drips is cut at the deadline, and its status counts%s', async (_name, onCancel) => {
    const drip = dripping('got it', onCancel)
    const webhooks = await start(async () => new Response(drip.body, { status: 202 }))
    await webhooks.finish({ webhook: '/hook' })
    await drip.asked
    await webhooks.clock.advance(9_999)
    expect(await deliveries(ground.db)).toMatchObject([{ status: 'delivering' }])
    await webhooks.clock.advance(1)
    await drip.cancelled
    await delivery(ground.db, { status: 'delivered', attempts: 1, lastHttpStatus: 202, lastErrorCode: null })
    expect(await attempts(ground.db)).toMatchObject([{ responseBody: 'got it', durationMs: 10_000 }])
  })

  it('that answers without end is cut at the bound', async () => {
    const drip = new Drip((controller) => controller.enqueue(Buffer.alloc(1_000, 'x')), NEVER)
    const webhooks = await start(async () => new Response(drip.body, { status: 500 }))
    await webhooks.finish({ webhook: '/hook' })
    await delivery(ground.db, { status: 'pending', attempts: 1, lastHttpStatus: 500 })
    await drip.cancelled
    expect(await attempts(ground.db)).toMatchObject([{ responseBody: 'x'.repeat(KEPT_BYTES) }])
  })

  it('that breaks off counts with what has arrived', async () => {
    const webhooks = await start(async () => {
      let isFirst = true
      const { body } = new Drip((controller) => {
        if (isFirst) controller.enqueue(Buffer.from('half'))
        else controller.error(new Error('broken'))
        isFirst = false
      })
      return new Response(body)
    })
    await webhooks.finish({ webhook: '/hook' })
    await delivery(ground.db, { status: 'delivered', attempts: 1, lastHttpStatus: 200 })
    expect(await attempts(ground.db)).toMatchObject([{ responseBody: 'half' }])
  })

  it('that answers after the deadline is not listened to', async () => {
    const drip = dripping('late')
    let answer = (_response: Response) => {}
    const webhooks = await start(() => new Promise((resolve) => (answer = resolve)))
    await webhooks.finish({ webhook: '/hook' })
    while ((await deliveries(ground.db))[0]?.status !== 'delivering') await webhooks.clock.advance(0)
    await webhooks.clock.advance(10_000)
    await delivery(ground.db, { status: 'pending', attempts: 1, lastErrorCode: 'timeout' })
    answer(new Response(drip.body))
    await drip.cancelled
  })

  it('that never answers, and one that a bin of the inspector puts off, end at the deadline', async () => {
    for (const webhook of ['/hook', '/inspector/box?delay=20s']) {
      await ground.db.database.query('TRUNCATE webhook_deliveries CASCADE')
      let aborted = false
      const webhooks = await start((request) => {
        request.signal.addEventListener('abort', () => (aborted = true))
        return NEVER
      })
      await webhooks.finish({ webhook })
      while ((await deliveries(ground.db))[0]?.status !== 'delivering') await webhooks.clock.advance(0)
      await webhooks.clock.advance(10_000)
      await delivery(ground.db, { status: 'pending', attempts: 1, lastHttpStatus: null, lastErrorCode: 'timeout' })
      expect(aborted).toBe(webhook === '/hook')
      await ground.stopAll()
    }
  })
})
