import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DnsQuestions } from './dns-questions.js'
import { NameServer } from './name-server.spec.support.js'
import { SystemResolver } from './resolver.js'
import { WebhookGround } from './webhook-ground.spec.support.js'

describe('names that nobody answers for', () => {
  const ground = WebhookGround.use()
  let server: NameServer

  beforeEach(async () => {
    server = await NameServer.start()
  })
  afterEach(() => server.close())

  it('hold up no webhook that goes to another name', async () => {
    const questions = new DnsQuestions({ servers: [server.address], patienceMs: 5_000 })
    const resolver = new SystemResolver({ dns: (host) => questions.addresses(host) })
    server.knows('healthy.example', ['127.0.0.1'])
    const webhooks = await ground.start({ resolver })
    const { port } = new URL(ground.receiver.url())
    for (let at = 0; at < 40; at += 1) {
      server.isSilentAbout(`silent-${at}.example`)
      await webhooks.finish({ webhook: `http://silent-${at}.example:${port}/` })
    }
    await webhooks.finish({ webhook: `http://healthy.example:${port}/hook` })
    expect(await ground.receiver.next()).toMatchObject({ url: '/hook' })
    expect(ground.receiver.requests).toHaveLength(1)
    const { rows } = await ground.db.database.query('SELECT FROM webhook_deliveries WHERE last_error_code IS NOT NULL')
    expect(rows).toEqual([])
  })
})
