import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
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

  async function pendingRuns(): Promise<unknown> {
    const { body } = await server.request('GET', '/metrics?format=json')
    return (body as { queue: { n_pending: number } }).queue.n_pending
  }
})
