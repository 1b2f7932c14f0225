import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { type Answer, TestServer } from '../support/test-server.js'
import { bodyOf } from '../support/webhook-log.js'

/** The operations that take a webhook (webhooks contract section 1). */
const OPERATIONS: readonly [string, { readonly isBatch?: boolean }][] = [
  ['/threads/{thread_id}/runs', {}],
  ['/threads/{thread_id}/runs/stream', {}],
  ['/threads/{thread_id}/runs/wait', {}],
  ['/thread/{thread_id}/runs', {}],
  ['/thread/{thread_id}/runs/stream', {}],
  ['/thread/{thread_id}/runs/wait', {}],
  ['/runs', {}],
  ['/runs/stream', {}],
  ['/runs/wait', {}],
  ['/runs/batch', { isBatch: true }],
]

/** As far as these tests look at a run of a cron. */
interface CronRun {
  readonly kwargs: { readonly config: { readonly configurable: { readonly cron_id: string } } }
}

/** Every character that may stand in a path and a query, and what a parser would write anew. */
const ODD_PATH = '/a//b/./c/../d;p=1/%7e%2F%zz/~!$&\'()*+,=:@[]{}|^`"<>?token=a%20b+c&&x[]=%E4&u=http://h/?q&e='

describe('a webhook', () => {
  const server = TestServer.use()
  let hooks = 0

  const freshThread = async () => (await server.client.threads.create()).thread_id
  const freshHook = () => `/hook-${(hooks += 1)}`

  async function send(path: string, threadId: string, runs: readonly object[]) {
    const isBatch = path.endsWith('/batch')
    const answers = isBatch
      ? [await server.request('POST', path, runs)]
      : await Promise.all(runs.map((run) => server.request('POST', path.replace('{thread_id}', threadId), run)))
    return answers
  }

  const arrived = (hook: string) => server.receiver.requests.filter(({ url }) => url.startsWith(hook))

  describe.each(OPERATIONS)('given to POST %s', (path, { isBatch = false }) => {
    it('arrives once, with the path and query that were written', async () => {
      const hook = freshHook()
      const threadId = await freshThread()
      const run = { assistant_id: 'echo', input: {}, webhook: server.receiver.url(`${hook}${ODD_PATH}#fragment?no`) }
      const answers = await send(path, threadId, isBatch ? [run, { ...run, metadata: { second: true } }] : [run])
      expect(answers.map(({ status }) => status)).toEqual([200])
      await expect.poll(() => arrived(hook).length, { timeout: 10_000 }).toBe(isBatch ? 2 : 1)
      for (const request of arrived(hook)) {
        expect([request.method, request.url]).toEqual(['POST', `${hook}${ODD_PATH}`])
        expect(bodyOf(request)).toMatchObject({ status: 'success', values: { log: ['echo'] } })
        if (path.includes('{thread_id}')) expect(bodyOf(request)).toMatchObject({ thread_id: threadId })
      }
    })

    it.each([
      ['null', { webhook: null }],
      ['absent', {}],
    ])('is none when it is %s', async (_what, given) => {
      const before = server.receiver.requests.length
      const threadId = await freshThread()
      const answers = await send(path, threadId, [{ assistant_id: 'echo', input: {}, ...given }])
      expect(answers.map(({ status }) => status)).toEqual([200])
      // One that would come has been queued before this one, to the same host.
      const { run_id } = await server.client.runs.create(threadId, 'echo', { webhook: server.receiver.url('/after') })
      await server.webhooks.all([run_id])
      expect(server.receiver.requests.slice(before).map(({ url }) => url)).toEqual(['/after'])
    })

    it.each([
      ['an empty text', '', 'webhook'],
      ['another scheme', 'ftp://example.com/hook', 'webhook'],
      ['an address that is not public', 'http://10.1.2.3/hook', 'webhook target is not allowed'],
      ['a path that nothing takes', '/hook', 'no custom routes'],
      ['no text', ['https://example.com'], 'webhook'],
    ])('makes nothing when it is %s', async (_what, webhook, rule) => {
      const threads = async () => (await server.request('POST', '/threads/count', {})).body
      const threadId = await freshThread()
      const before = await threads()
      const good = { assistant_id: 'echo', input: {}, after_seconds: 3_600 }
      const runs = isBatch ? [good, good, { ...good, webhook }] : [{ ...good, webhook }]
      for (const answer of await send(path, threadId, runs)) {
        expect(answer.status).toBe(422)
        expect(JSON.stringify(answer.body)).toContain(rule)
        if (isBatch) expect(JSON.stringify(answer.body)).toContain('[2]')
      }
      const nobody = '01920000-0000-7000-8000-000000000000'
      for (const { status } of await send(path, nobody, [{ ...good, webhook, if_not_exists: 'create' }])) {
        expect(status).toBe(422)
      }
      expect(await threads()).toBe(before)
      expect(await server.client.runs.list(threadId)).toEqual([])
      expect((await server.client.threads.get(threadId)).status).toBe('idle')
      expect(await pendingRuns()).toBe(0)
    })
  })

  /** The three rows of crons; each is given a webhook and gives the id of the cron. */
  const cronOperations: readonly [string, (webhook: unknown, threadId: string) => Promise<Answer>][] = [
    ['POST /threads/{thread_id}/runs/crons', (webhook, id) => newCron(`/threads/${id}/runs/crons`, { webhook })],
    ['POST /thread/{thread_id}/runs/crons', (webhook, id) => newCron(`/thread/${id}/runs/crons`, { webhook })],
    ['POST /runs/crons', (webhook) => newCron('/runs/crons', { webhook })],
    [
      'PATCH /runs/crons/{cron_id}',
      async (webhook) => {
        const { body } = await newCron('/runs/crons', {})
        const { cron_id } = body as { cron_id: string }
        const answer = await server.request('PATCH', `/runs/crons/${cron_id}`, { webhook })
        if (answer.status !== 200) await server.client.crons.delete(cron_id)
        return answer
      },
    ],
  ]

  const newCron = (path: string, given: object) =>
    server.request('POST', path, { schedule: '* * * * * *', assistant_id: 'echo', input: {}, ...given })

  describe.each(cronOperations)('given to %s', (operation, give) => {
    it('arrives once for each run, with the path and query that were written', async () => {
      const hook = freshHook()
      const threadId = await freshThread()
      const answer = await give(server.receiver.url(`${hook}${ODD_PATH}#fragment?no`), threadId)
      expect(answer.status).toBe(200)
      const { cron_id } = answer.body as { cron_id: string }
      await expect.poll(() => arrived(hook).length, { timeout: 10_000 }).toBeGreaterThan(1)
      const cleared = await server.request('PATCH', `/runs/crons/${cron_id}`, { webhook: null })
      expect(cleared.body).toMatchObject({ payload: { webhook: null } })
      await server.client.crons.delete(cron_id)
      const requests = arrived(hook)
      expect(new Set(requests.map((request) => bodyOf(request).run_id)).size).toBe(requests.length)
      for (const request of requests) {
        expect([request.method, request.url]).toEqual(['POST', `${hook}${ODD_PATH}`])
        expect(bodyOf(request)).toMatchObject({ status: 'success', kwargs: { config: { configurable: { cron_id } } } })
        if (operation.includes('{thread_id}')) expect(bodyOf(request)).toMatchObject({ thread_id: threadId })
      }
    })

    it.each([
      ['an empty text', '', 'webhook'],
      ['another scheme', 'ftp://example.com/hook', 'webhook'],
      ['an address that is not public', 'http://10.1.2.3/hook', 'webhook target is not allowed'],
      ['a path that nothing takes', '/hook', 'no custom routes'],
      ['no text', ['https://example.com'], 'webhook'],
    ])('makes nothing when it is %s', async (_what, webhook, rule) => {
      const answer = await give(webhook, await freshThread())
      expect(answer.status).toBe(422)
      expect(JSON.stringify(answer.body)).toContain(rule)
      expect(await server.client.crons.count()).toBe(0)
    })
  })

  it('that a cron’s change clears by null, or that it never had, is none', async () => {
    const hook = freshHook()
    const threadId = await freshThread()
    const made = [
      await newCron(`/threads/${threadId}/runs/crons`, { webhook: server.receiver.url(hook), enabled: false }),
      await newCron(`/threads/${threadId}/runs/crons`, { webhook: null }),
      await newCron(`/threads/${threadId}/runs/crons`, {}),
    ].map(({ body }) => (body as { cron_id: string }).cron_id)
    await server.request('PATCH', `/runs/crons/${made[0]}`, { webhook: null, enabled: true })
    const before = server.receiver.requests.length
    const fired = async () => {
      const runs = await server.client.runs.list(threadId, { limit: 1_000, status: 'success' })
      return new Set((runs as unknown as CronRun[]).map(({ kwargs }) => kwargs.config.configurable.cron_id)).size
    }
    await expect.poll(fired, { timeout: 10_000 }).toBe(3)
    for (const cronId of made) await server.client.crons.delete(cronId)
    const { run_id } = await server.client.runs.create(threadId, 'echo', { webhook: server.receiver.url('/after') })
    await server.webhooks.all([run_id])
    expect(server.receiver.requests.slice(before).map(({ url }) => url)).toEqual(['/after'])
  })

  async function pendingRuns(): Promise<unknown> {
    const { body } = await server.request('GET', '/metrics?format=json')
    return (body as { queue: { n_pending: number } }).queue.n_pending
  }
})
