import 'reflect-metadata'
import { beforeEach, describe, expect, it } from 'vitest'
import { WebhookGround } from './webhook-ground.spec.support.js'
import type { WebhooksUnderTest } from './webhooks.spec.support.js'
import { type ClaimRequest, WebhooksRepository } from './webhooks.repository.js'

const BUSY = 'https://busy.example.com:443'
const QUIET = 'https://quiet.example.com:443'

describe('the order of claims', () => {
  const ground = WebhookGround.use()
  let webhooks: WebhooksUnderTest

  beforeEach(async () => {
    webhooks = await ground.create()
  })

  async function finish(hostKey: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await webhooks.finish({ webhook: `${hostKey}/` })
      await webhooks.clock.advance(1)
    }
  }

  /** The hosts of what one claim takes, each with how many. */
  async function claimed(change: Partial<ClaimRequest>): Promise<Record<string, number>> {
    const now = webhooks.clock.now()
    const request = { now, workerId: 'me', leaseUntil: now, limit: 4, perHost: 16, known: [], after: '', ...change }
    const { claimed: claims } = await webhooks.app.get(WebhooksRepository).claim(ground.db.database, request)
    const counts: Record<string, number> = {}
    for (const { hostKey } of claims) counts[hostKey] = (counts[hostKey] ?? 0) + 1
    return counts
  }

  it('takes the first of each host before the second of any, however long that has waited', async () => {
    await finish(BUSY, 10)
    await finish(QUIET, 2)
    expect(await claimed({})).toEqual({ [BUSY]: 2, [QUIET]: 2 })
  })

  it('counts what is held of a host already: it has had its turns', async () => {
    await finish(BUSY, 10)
    await finish(QUIET, 6)
    const known = [{ host: BUSY, held: 3, room: 13 }]
    expect(await claimed({ known })).toEqual({ [BUSY]: 1, [QUIET]: 3 })
  })

  it('goes by what is due first where the turns are the same', async () => {
    await finish(QUIET, 1)
    await finish(BUSY, 1)
    expect(await claimed({ limit: 1 })).toEqual({ [QUIET]: 1 })
  })
})
