import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { payloadFaults } from '#testing'
import { Gate } from '../support/gate.js'
import { TestServer } from '../support/test-server.js'
import { bodyOf } from '../support/webhook-log.js'

const MAX_BODY_BYTES = 20_000

/** A run that has been made, and what its webhook is to say. */
interface Ended {
  readonly runId: string
  /** The thread, where its run can still be fetched. */
  readonly threadId?: string
}

/** Ends a run in one way; the run is at its gate where it needs one. */
type Ending = (context: { webhook: string; threadId: string }) => Promise<Ended>

describe('the payload of a webhook', () => {
  const server = TestServer.use({ environment: { SIGNALBOX_WEBHOOK_MAX_BODY_BYTES: String(MAX_BODY_BYTES) } })
  let gate: Gate

  beforeEach(async () => void (gate = await Gate.make()))
  afterEach(() => gate.close())

  /** A run that ends by itself, and stays. */
  function plain(graph: string, options: object = {}): Ending {
    return async ({ webhook, threadId }) => {
      const run = await server.client.runs.create(threadId, graph, { input: {}, webhook, ...options })
      return { runId: run.run_id, threadId }
    }
  }

  /** A run that stands at its gate until `end` ends it. */
  function stopped(end: (threadId: string, runId: string) => Promise<unknown>, stays = false): Ending {
    return async ({ webhook, threadId }) => {
      const { run_id: runId } = await server.client.runs.create(threadId, 'steps', {
        input: { gate: gate.url },
        webhook,
      })
      await gate.reached()
      await end(threadId, runId)
      return { runId, ...(stays ? { threadId } : {}) }
    }
  }

  const followedBy = (multitaskStrategy: 'interrupt' | 'rollback') => async (threadId: string) => {
    await server.client.runs.create(threadId, 'echo', { input: {}, multitaskStrategy })
  }

  async function byAssistant({ webhook, threadId }: { webhook: string; threadId: string }): Promise<Ended> {
    const { assistant_id: id } = await server.client.assistants.create({ graphId: 'steps' })
    const run = await server.client.runs.create(threadId, id, { input: { gate: gate.url }, webhook })
    await gate.reached()
    await server.client.assistants.delete(id)
    return { runId: run.run_id }
  }

  async function beforeItsStart({ webhook, threadId }: { webhook: string; threadId: string }): Promise<Ended> {
    const { run_id: runId } = await server.client.runs.create(threadId, 'echo', { webhook, afterSeconds: 3_600 })
    await server.client.runs.cancel(threadId, runId)
    return { runId, threadId }
  }

  async function stateless({ webhook }: { webhook: string }): Promise<Ended> {
    const answer = await server.request('POST', '/runs', { assistant_id: 'echo', input: {}, webhook })
    return { runId: (answer.body as { run_id: string }).run_id }
  }

  /** A run that the schedule has made, on the thread or on one of its own. */
  function byCron(isOnThread: boolean): Ending {
    return async ({ webhook, threadId }) => {
      const path = isOnThread ? `/threads/${threadId}/runs/crons` : '/runs/crons'
      const cron = { schedule: '* * * * * *', assistant_id: 'echo', input: {}, webhook, metadata: { of: 'cron' } }
      const { cron_id } = (await server.request('POST', path, cron)).body as { cron_id: string }
      const { pathname } = new URL(webhook)
      const come = () => server.receiver.requests.find(({ url }) => url === pathname)
      await expect.poll(come, { timeout: 10_000 }).toBeDefined()
      await server.client.crons.delete(cron_id)
      const { run_id: runId, ...body } = bodyOf(come()!)
      expect(body).toMatchObject({ metadata: { of: 'cron' }, kwargs: { config: { configurable: { cron_id } } } })
      return { runId, ...(isOnThread ? { threadId } : {}) }
    }
  }

  const first = { log: ['first'], gate: expect.any(String) as string }

  it.each<[string, Ending, object, string, 'values' | 'no values']>([
    ['ended well', plain('echo'), { status: 'success', values: { log: ['echo'] } }, 'idle', 'values'],
    ['failed', plain('failing'), { status: 'error', error: 'Boo!', values: { log: [] } }, 'error', 'values'],
    [
      'asks a person',
      plain('asking'),
      { status: 'success', values: { log: [], __interrupt__: [{ value: { question: 'ok?' } }] } },
      'interrupted',
      'values',
    ],
    [
      'was cancelled by interrupt',
      stopped((threadId, runId) => server.client.runs.cancel(threadId, runId, true), true),
      { status: 'interrupted', values: first },
      'interrupted',
      'values',
    ],
    [
      'was cancelled by rollback',
      stopped((threadId, runId) => server.client.runs.cancel(threadId, runId, true, 'rollback')),
      { status: 'rollback' },
      'idle',
      'no values',
    ],
    [
      'was interrupted by a later run',
      stopped(followedBy('interrupt'), true),
      { status: 'interrupted', values: first },
      'interrupted',
      'values',
    ],
    ['was rolled back by a later run', stopped(followedBy('rollback')), { status: 'rollback' }, 'idle', 'no values'],
    [
      'was deleted',
      stopped((threadId, runId) => server.client.runs.delete(threadId, runId)),
      { status: 'interrupted', values: first },
      'idle',
      'values',
    ],
    [
      'was deleted with its thread',
      stopped((threadId) => server.client.threads.delete(threadId)),
      { status: 'interrupted' },
      'idle',
      'no values',
    ],
    ['was deleted with its assistant', byAssistant, { status: 'interrupted' }, 'idle', 'no values'],
    ['ended before it started', beforeItsStart, { status: 'interrupted', run_started_at: null }, 'idle', 'no values'],
    ['had no thread', stateless, { status: 'success', values: { log: ['echo'] } }, 'idle', 'values'],
    ['was made by a cron of its thread', byCron(true), { status: 'success' }, 'idle', 'values'],
    ['was made by a cron', byCron(false), { status: 'success', values: { log: ['echo'] } }, 'idle', 'values'],
    [
      'left too much',
      plain('echo', { input: { log: ['x'.repeat(15_000)] } }),
      { status: 'success', values_omitted: 'too_large', kwargs: { input: { log: ['x'.repeat(15_000)] } } },
      'idle',
      'no values',
    ],
    [
      'was given too much',
      plain('echo', { input: { log: ['x'.repeat(30_000)] } }),
      { status: 'success', values_omitted: 'too_large' },
      'idle',
      'no values',
    ],
  ])('of a run that %s has every field of the reference', async (_what, end, expected, threadStatus, values) => {
    const { thread_id: threadId } = await server.client.threads.create({ metadata: { of: 'thread' } })
    const { runId, threadId: fetchable } = await end({ webhook: server.receiver.url(`/${threadId}`), threadId })
    await server.webhooks.first(runId)
    const [request] = server.webhooks.of(runId)
    const body = JSON.parse(String(request?.body)) as Record<string, unknown>
    expect(payloadFaults(body)).toEqual([])
    expect(body).toMatchObject(expected)
    expect('values' in body).toBe(values === 'values')
    expect(Buffer.byteLength(request?.body ?? '')).toBeLessThanOrEqual(MAX_BODY_BYTES)
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-signalbox-thread-status': threadStatus,
      'x-signalbox-attempt': '1',
      'webhook-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    })
    if (fetchable !== undefined) expectAsFetched(body, (await fetched(fetchable, runId)) as Record<string, unknown>)
  })

  describe('of a run that reached its time limit', () => {
    const limited = TestServer.use({ environment: { SIGNALBOX_RUN_TIMEOUT: '1s' } })

    it('has every field of the reference', async () => {
      const { thread_id: threadId } = await limited.client.threads.create()
      const webhook = limited.receiver.url('/late')
      const { run_id } = await limited.client.runs.create(threadId, 'steps', { input: { gate: gate.url }, webhook })
      const body = { ...(await limited.webhooks.first(run_id)) } as Record<string, unknown>
      expect(payloadFaults(body)).toEqual([])
      expect(body).toMatchObject({
        status: 'timeout',
        error: expect.stringContaining('1000 ms') as string,
        values: first,
      })
      const run = (await limited.request('GET', `/threads/${threadId}/runs/${run_id}`)).body
      expectAsFetched(body, run as Record<string, unknown>)
    })
  })

  const fetched = async (threadId: string, runId: string) =>
    (await server.request('GET', `/threads/${threadId}/runs/${runId}`)).body

  it('of a run whose values cannot be written still comes', async () => {
    const { thread_id: threadId } = await server.client.threads.create()
    const webhook = server.receiver.url('/unwritable')
    const { run_id } = await server.client.runs.create(threadId, 'unwritable', { input: {}, webhook })
    const body = await server.webhooks.first(run_id)
    expect(payloadFaults({ ...body })).toEqual([])
    expect(body.status).toBe((await server.client.runs.get(threadId, run_id)).status)
  })

  it('holds no credential, wherever the caller put it', async () => {
    const { thread_id: threadId } = await server.client.threads.create()
    const secrets = {
      authorization: 'Bearer leak-1',
      'x-api-key': 'leak-2',
      'x-my-token': 'leak-3',
      cookie: 'leak-4',
      langgraph_auth_user: { identity: 'leak-5' },
      langgraph_auth_user_id: 'leak-6',
      __private: 'leak-7',
    }
    const headers = {
      authorization: 'Bearer leak-8',
      'x-api-key': 'leak-9',
      cookie: 'a=leak-10',
      'x-my-token': 'leak-11',
    }
    const run = {
      assistant_id: 'echo',
      input: {},
      config: { configurable: { ...secrets, model: 'm' }, ...secrets },
      context: { ...secrets, tone: 'warm' },
      webhook: server.receiver.url('/secrets'),
    }
    const answer = await fetch(`${server.url}/threads/${threadId}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-trace': 'seen', ...headers },
      body: JSON.stringify(run),
    })
    const { run_id } = (await answer.json()) as { run_id: string }
    const body = await server.webhooks.first(run_id)
    const [request] = server.webhooks.of(run_id)
    expect(JSON.stringify([request?.headers, body])).not.toContain('leak')
    expect(body).toMatchObject({
      kwargs: { context: { tone: 'warm' }, config: { configurable: { model: 'm', 'x-trace': 'seen' } } },
    })
  })

  it('stays the same to the byte while its receiver fails', async () => {
    const { thread_id: threadId } = await server.client.threads.create()
    server.receiver.answer({ status: 500 }, { status: 503 })
    const webhook = server.receiver.url('/again')
    const { run_id } = await server.client.runs.create(threadId, 'echo', { input: {}, webhook })
    await expect.poll(() => server.webhooks.of(run_id).length, { timeout: 10_000 }).toBe(3)
    const [one, two, three] = server.webhooks.of(run_id)
    expect([two?.body, three?.body]).toEqual([one?.body, one?.body])
    const of = (name: string) => server.webhooks.of(run_id).map(({ headers }) => headers[name])
    expect(of('x-signalbox-attempt')).toEqual(['1', '2', '3'])
    expect(new Set(of('webhook-id')).size).toBe(1)
    expect(of('webhook-signature')).toEqual([undefined, undefined, undefined])
    expect(bodyOf(one!)).toMatchObject({ run_id })
  })
})

/** The run as a client reads it after its end, with the same fields to the letter. */
function expectAsFetched(body: Record<string, unknown>, run: Record<string, unknown>): void {
  const { values: _values, values_omitted: omitted, error: _error, ...rest } = body
  const { run_started_at: _start, run_ended_at: _end, webhook_sent_at: _sent, ...shown } = rest
  if (omitted !== undefined && !('input' in (shown['kwargs'] as object))) {
    const { input: _input, ...kwargs } = run['kwargs'] as Record<string, unknown>
    expect(shown).toEqual({ ...run, kwargs })
  } else expect(shown).toEqual(run)
}
