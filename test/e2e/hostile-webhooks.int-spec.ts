import 'reflect-metadata'
import { beforeAll, describe, expect, it } from 'vitest'
import { ACCEPTED_URLS, HOSTILE_URLS } from '../fixtures/webhook-urls.js'
import { TestServer } from '../support/test-server.js'

const AT_ONCE = 20

/** What a caller is told, where a configured rule refuses: its key. */
const RULE_KEYS = { length: 'webhooks.url.max_url_length', ports: 'webhooks.url.allowed_ports' } as const

describe('hostile webhooks, where a run or cron is created', () => {
  // Production with nothing opened.
  const server = TestServer.use({ environment: { SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '', SIGNALBOX_MAX_RUNS: '1' } })
  let threadId: string
  let cronId: string

  beforeAll(async () => {
    threadId = (await server.client.threads.create()).thread_id
    const cron = await server.request('POST', '/runs/crons', { assistant_id: 'echo', schedule: '0 0 1 1 *' })
    cronId = (cron.body as { cron_id: string }).cron_id
  })

  async function each<Row>(rows: readonly Row[], work: (row: Row) => Promise<void>): Promise<void> {
    for (let n = 0; n < rows.length; n += AT_ONCE) await Promise.all(rows.slice(n, n + AT_ONCE).map(work))
  }

  it('each of the table is refused with 422 that names the rule, and no run is made', async () => {
    await each(HOSTILE_URLS, async ([webhook, rule]) => {
      const body = { assistant_id: 'echo', input: {}, webhook }
      const cron = { ...body, schedule: '0 0 1 1 *' }
      for (const [method, path, given] of [
        ['POST', `/threads/${threadId}/runs`, body],
        ['POST', '/runs', body],
        ['POST', `/threads/${threadId}/runs/crons`, cron],
        ['POST', '/runs/crons', cron],
        ['PATCH', `/runs/crons/${cronId}`, { webhook }],
      ] as const) {
        const answer = await server.request(method, path, given)
        const { detail } = answer.body as { detail: string }
        expect([webhook, answer.status]).toEqual([webhook, 422])
        if (rule === 'not_public') expect([webhook, detail]).toEqual([webhook, 'webhook target is not allowed'])
        else if (rule !== 'text') expect(detail).toContain(RULE_KEYS[rule])
        else expect(detail).toMatch(/\bwebhook\b/)
      }
    })
    expect(await server.client.runs.list(threadId)).toEqual([])
    expect(await server.client.crons.search()).toMatchObject([{ cron_id: cronId, payload: { webhook: null } }])
    expect(await server.client.threads.search({ limit: 10 })).toHaveLength(1)
  })

  it('each that is to be accepted makes a run', async () => {
    const made: string[] = []
    await each(ACCEPTED_URLS, async ([webhook]) => {
      const thread = await server.client.threads.create()
      // Never executed, so that nothing is sent to the strangers who own these names.
      const body = { assistant_id: 'echo', input: {}, webhook, after_seconds: 3_600 }
      const answer = await server.request('POST', `/threads/${thread.thread_id}/runs`, body)
      expect([webhook, answer.status]).toEqual([webhook, 200])
      made.push(webhook)
    })
    expect(made).toHaveLength(ACCEPTED_URLS.length)
  })
})
