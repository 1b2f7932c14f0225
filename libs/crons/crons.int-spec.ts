import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { describe, expect, it } from 'vitest'
import { dataSourceOptions } from '#database'
import { newId, systemAssistantId } from '#kernel'
import { ThreadPruning } from '../threads/thread-pruning.js'
import { ThreadSweeper } from '../threads/thread-sweeper.js'
import { CRON_ENTITIES } from './index.js'
import { CronsRoom } from './crons-app.spec.support.js'
import { Cron } from './cron.entity.js'
import type { WireCron } from './cron-wire.js'

const ASSISTANT = systemAssistantId('graph')
const NOBODY = '01990000-0000-7000-8000-000000000000'
const NEW_YEAR = '2026-01-01T00:00:00.000Z'

describe('making a cron', () => {
  const room = CronsRoom.use()

  it('answers with every field, its defaults, and the first date', async () => {
    const cron = await room.crons.make()
    expect(cron).toEqual({
      cron_id: expect.any(String) as string,
      assistant_id: ASSISTANT,
      thread_id: null,
      schedule: '* * * * *',
      timezone: null,
      end_time: null,
      next_run_date: '2026-01-01T00:01:00.000Z',
      enabled: true,
      disabled_reason: null,
      on_run_completed: 'delete',
      payload: {
        assistant_id: ASSISTANT,
        input: null,
        metadata: {},
        config: { configurable: { cron_id: cron.cron_id } },
        context: {},
        webhook: null,
        interrupt_before: null,
        interrupt_after: null,
        multitask_strategy: 'enqueue',
        stream_mode: ['values'],
        stream_subgraphs: false,
        stream_resumable: false,
        durability: 'async',
      },
      metadata: {},
      user_id: null,
      created_at: NEW_YEAR,
      updated_at: NEW_YEAR,
    })
    expect(await room.crons.get(cron.cron_id)).toEqual(cron)
  })

  it('takes null for absent in every field, and ignores fields that it does not know', async () => {
    const nothing = Object.fromEntries(OPTIONAL.map((field) => [field, null]))
    const [plain, given] = [await room.crons.make(), await room.crons.make({ ...nothing, if_not_exists: 'create' })]
    const apart = { cron_id: '', payload: { config: {} } }
    expect({ ...given, ...apart }).toEqual({ ...plain, ...apart })
  })

  it.each([
    [{ end_time: '2026-06-01T12:00:00Z' }, { end_time: '2026-06-01T12:00:00.000Z' }],
    [{ end_time: '2026-06-01T12:00:00+02:00' }, { end_time: '2026-06-01T10:00:00.000Z' }],
    [{ end_time: '2026-06-01T12:00:00' }, { end_time: '2026-06-01T12:00:00.000Z' }],
    [{ end_time: '2026-06-01 12:00:00.123456 +0000' }, { end_time: '2026-06-01T12:00:00.123Z' }],
    [{ end_time: '2026-06-01' }, { end_time: '2026-06-01T00:00:00.000Z' }],
    [{ end_time: '2026-01-01T00:00:30Z' }, { next_run_date: null }],
    [{ timezone: 'America/New_York', schedule: '0 9 * * *' }, { next_run_date: '2026-01-01T14:00:00.000Z' }],
    [{ schedule: '0 9 * * * 30' }, { next_run_date: '2026-01-01T09:00:30.000Z' }],
    [{ enabled: false }, { enabled: false }],
    [{ checkpoint_during: false }, { payload: { durability: 'exit' } }],
    [{ checkpoint_during: false, durability: 'sync' }, { payload: { durability: 'sync' } }],
    [{ stream_mode: [] }, { payload: { stream_mode: ['values'] } }],
    [{ stream_mode: 'updates' }, { payload: { stream_mode: ['updates'] } }],
    [{ metadata: { a: 1 } }, { metadata: { a: 1 }, payload: { metadata: { a: 1 } } }],
    [{ assistant_id: ASSISTANT }, { assistant_id: ASSISTANT, payload: { assistant_id: ASSISTANT } }],
  ])('%j gives %j', async (body, expected) => {
    expect(await room.crons.make(body)).toMatchObject(expected)
  })

  it('shows nothing secret that was put into it', async () => {
    const secrets = { 'x-api-key': 'leak', langgraph_auth_user: 'leak', __own: 'leak', authorization: 'leak' }
    const given = { config: { configurable: { ...secrets, model: 'm' }, ...secrets }, context: { ...secrets, tone: 1 } }
    const { cron_id: id, payload } = await room.crons.make(given)
    expect(payload).toMatchObject({ config: { configurable: { model: 'm' } }, context: { tone: 1 } })
    const { body } = await room.crons.request('POST', '/runs/crons/search', {})
    expect(JSON.stringify([payload, await room.crons.get(id), body])).not.toContain('leak')
  })

  it('stores what PostgreSQL would refuse, made storable', async () => {
    const dirty = 'a\u0000b\ud800'
    const { metadata } = await room.crons.make({ metadata: { [dirty]: dirty }, input: dirty })
    expect(metadata).toEqual({ 'a\uFFFDb\uFFFD': 'a\uFFFDb\uFFFD' })
  })

  it.each(['threads', 'thread'])('of a thread by /%s has no word over its threads', async (word) => {
    const threadId = await room.crons.runs.makeThread()
    const body = { schedule: '* * * * *', assistant_id: 'graph', on_run_completed: 'keep' }
    const answer = await room.crons.request('POST', `/${word}/${threadId}/runs/crons`, body)
    expect(answer).toMatchObject({ status: 200, body: { thread_id: threadId, on_run_completed: null } })
  })
})

const OPTIONAL = [
  'timezone',
  'end_time',
  'enabled',
  'on_run_completed',
  'input',
  'metadata',
  'config',
  'context',
  'webhook',
  'interrupt_before',
  'interrupt_after',
  'multitask_strategy',
  'stream_mode',
  'stream_subgraphs',
  'stream_resumable',
  'durability',
  'checkpoint_during',
]

/** What neither a new cron nor a change may say, and what the refusal names. */
const REFUSED: readonly (readonly [body: object, detail: RegExp])[] = [
  [{ schedule: '0 0 30 2 *' }, /^Invalid cron schedule: '0 0 30 2 \*'\. Reason: .*schedule: matches no date/],
  [
    { schedule: 'daily' },
    /^Invalid cron schedule: 'daily'\. Reason: Invalid cron schedule\. schedule: must have 5 fields/,
  ],
  [
    { schedule: '61 * * * *' },
    /^Invalid cron schedule: '61 \* \* \* \*'\. Reason: .*schedule: minute: 61 is out of range 0-59$/,
  ],
  [{ schedule: '* * 0 * *' }, /schedule: day of month: 0 is out of range 1-31$/],
  [{ schedule: '* * * 1,2-13/2 *' }, /schedule: month: 13 is out of range 1-12$/],
  [{ schedule: '* * * * 8' }, /schedule: day of week: 8 is out of range 0-7$/],
  [{ schedule: '* * * * * 60' }, /schedule: second: 60 is out of range 0-59$/],
  [{ schedule: '* * * * * * *' }, /^Invalid cron schedule: .*schedule: must have 5 fields/],
  [
    { schedule: `${'0,'.repeat(200)}0 * * * *` },
    /^Invalid cron schedule: '(0,){128}…'\. Reason: .*schedule: must have 256 characters at most$/,
  ],
  [{ timezone: 'Mars/'.repeat(100) }, /timezone: "(Mars\/){51}M…" is not a time zone/],
  [{ timezone: 'Mars/Base' }, /^Invalid cron schedule: .*Reason: .*timezone: "Mars\/Base" is not/],
  [{ timezone: '+02:00' }, /timezone: /],
  [{ timezone: '' }, /timezone: /],
  [{ schedule: '' }, /^schedule: /],
  [{ schedule: 5 }, /^schedule: must be a text such as "0 9 \* \* mon-fri"/],
  [{ schedule: ['* * * * *'] }, /^schedule: /],
  [{ timezone: 2 }, /^timezone: /],
  [{ end_time: '2025-12-31T23:59:59Z' }, /^end_time: must be in the future/],
  [{ end_time: NEW_YEAR }, /^end_time: must be in the future/],
  [{ end_time: '2026-02-30T00:00:00Z' }, /^end_time: must be an ISO 8601/],
  [{ end_time: '2026-06-01T00:00:00+99:00' }, /^end_time: must be an ISO 8601/],
  [{ end_time: '9999-12-31T23:59:59-12:00' }, /^end_time: must be before the year 10000/],
  [{ end_time: 'tomorrow' }, /^end_time: must be an ISO 8601/],
  [{ end_time: '' }, /^end_time: /],
  [{ end_time: 1_800_000_000 }, /^end_time: /],
  [{ enabled: 'true' }, /^enabled: /],
  [{ enabled: 1 }, /^enabled: /],
  [{ on_run_completed: 'complete' }, /^on_run_completed: /],
  [{ metadata: [] }, /^metadata: /],
  [{ config: 'x' }, /^config/],
  [{ config: { configurable: 3 } }, /^config: config\.configurable must/],
  [{ context: [] }, /^context: /],
  [{ webhook: '' }, /^webhook/],
  [{ webhook: 'ftp://example.com' }, /^webhook/],
  [{ webhook: '/nowhere' }, /^webhook/],
  [{ webhook: 3 }, /^webhook: /],
  [{ interrupt_before: 'a' }, /^interrupt_before: /],
  [{ interrupt_after: [1] }, /^interrupt_after: /],
  [{ multitask_strategy: 'wait' }, /^multitask_strategy: /],
  [{ stream_mode: 'all' }, /^stream_mode: /],
  [{ stream_subgraphs: 1 }, /^stream_subgraphs: /],
  [{ stream_resumable: 'yes' }, /^stream_resumable: /],
  [{ durability: 'never' }, /^durability: /],
  [{ checkpoint_during: 'x' }, /^checkpoint_during: /],
  [{ metadata: Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n])) }, /^metadata: .*256 keys/],
]

describe('bad input', () => {
  const room = CronsRoom.use()
  const good = { schedule: '* * * * *', assistant_id: 'graph' }
  const count = async () => (await room.crons.request('POST', '/runs/crons/count', {})).body

  it.each(REFUSED)('%j is refused naming the field, and makes nothing', async (body, detail) => {
    const threadId = await room.crons.runs.makeThread()
    for (const path of ['/runs/crons', `/threads/${threadId}/runs/crons`]) {
      const answer = await room.crons.request('POST', path, { ...good, ...body })
      expect(answer).toEqual({ ...answer, status: 422, body: { detail: expect.stringMatching(detail) as string } })
    }
    expect(await count()).toBe(0)
  })

  it('is refused in a change as well, and changes nothing', async () => {
    const cron = await room.crons.make({ webhook: 'http://127.0.0.1:8099/hook' })
    for (const [body, detail] of REFUSED) {
      const answer = await room.crons.request('PATCH', `/runs/crons/${cron.cron_id}`, { enabled: false, ...body })
      expect(answer).toEqual({ ...answer, status: 422, body: { detail: expect.stringMatching(detail) as string } })
    }
    expect(await room.crons.get(cron.cron_id)).toEqual(cron)
  })

  it.each([
    [{}, 'schedule: is required'],
    [{ schedule: '* * * * *' }, 'assistant_id: should not be empty'],
    [{ assistant_id: 'graph' }, 'schedule: is required, a text such as "0 9 * * mon-fri"'],
    [{ ...good, assistant_id: 3 }, 'assistant_id: must be'],
    [{ ...good, schedule: null }, 'schedule: is required'],
    [[], 'body: must be an object'],
  ])('a new cron of %j is refused', async (body, detail) => {
    const answer = await room.crons.request('POST', '/runs/crons', body)
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining(detail) as string } })
  })

  it('names the assistant, the graph and the thread that are not there', async () => {
    const missing = { ...good, assistant_id: NOBODY }
    expect(await room.crons.request('POST', '/runs/crons', missing)).toMatchObject({
      status: 404,
      body: { detail: `Assistant '${NOBODY}' not found` },
    })
    expect(await room.crons.request('POST', '/runs/crons', { ...good, assistant_id: 'nobody' })).toMatchObject({
      status: 404,
      body: { detail: "Assistant 'nobody' not found" },
    })
    const { assistant_id } = (await room.crons.request('POST', '/assistants', { graph_id: 'graph' })).body as WireCron
    await room.db.database.query(`UPDATE assistants SET graph_id = 'gone' WHERE assistant_id = $1`, [assistant_id])
    expect(await room.crons.request('POST', '/runs/crons', { ...good, assistant_id })).toMatchObject({
      status: 404,
      body: { detail: 'Graph "gone" not found' },
    })
    expect(await room.crons.request('POST', `/threads/${NOBODY}/runs/crons`, good)).toMatchObject({
      status: 404,
      body: { detail: `Thread with ID '${NOBODY}' not found` },
    })
    expect(await room.crons.request('POST', '/threads/none/runs/crons', good)).toMatchObject({
      status: 422,
      body: { detail: 'Invalid thread ID: must be a UUID' },
    })
    expect(await count()).toBe(0)
  })

  it.each(['GET', 'PATCH', 'DELETE'] as const)('%s of a cron that is not there', async (method) => {
    const body = method === 'PATCH' ? { enabled: true } : undefined
    expect(await room.crons.request(method, `/runs/crons/${NOBODY}`, body)).toMatchObject({
      status: 404,
      body: { detail: `Cron '${NOBODY}' not found` },
    })
    expect(await room.crons.request(method, '/runs/crons/none', body)).toMatchObject({
      status: 422,
      body: { detail: 'Invalid cron ID: must be a UUID' },
    })
  })

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1001 }, 'limit'],
    [{ offset: -1 }, 'offset'],
    [{ sort_by: 'schedule' }, 'sort_by'],
    [{ sort_order: 'up' }, 'sort_order'],
    [{ select: ['nope'] }, 'select'],
    [{ select: 'cron_id' }, 'select'],
    [{ enabled: 'no' }, 'enabled'],
    [{ metadata: 1 }, 'metadata'],
    [{ assistant_id: 'nobody' }, 'Invalid assistant ID'],
    [{ thread_id: 'none' }, 'Invalid thread ID'],
  ])('a search by %j is refused', async (body, detail) => {
    const answer = await room.crons.request('POST', '/runs/crons/search', body)
    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining(detail) as string } })
  })
})

describe('changing a cron', () => {
  const room = CronsRoom.use()

  it.each([
    [undefined, 'Request body cannot be empty'],
    [{}, 'Request body cannot be empty'],
    [{ nothing: 1 }, 'No fields to update'],
    [{ assistant_id: 'graph' }, 'No fields to update'],
    [{ schedule: null, enabled: null, metadata: null }, 'No fields to update'],
  ])('by %j changes nothing and is a 400', async (body, detail) => {
    const cron = await room.crons.make()
    await room.clock.advance(1_000)
    const answer = await room.crons.request('PATCH', `/runs/crons/${cron.cron_id}`, body)
    expect(answer).toMatchObject({ status: 400, body: { detail } })
    expect(await room.crons.get(cron.cron_id)).toEqual(cron)
  })

  it('merges metadata key by key and the payload field by field, and keeps what is its own', async () => {
    const { cron_id: id } = await room.crons.make({
      input: { a: 1 },
      metadata: { a: 1, b: 1 },
      config: { configurable: { model: 'm' }, tags: ['t'] },
      context: { tone: 'warm' },
      stream_mode: ['updates'],
      multitask_strategy: 'reject',
    })
    const changed = await room.crons.patch(id, {
      input: { b: 2 },
      metadata: { b: 2, c: 3 },
      config: { configurable: { cron_id: NOBODY, size: 1 } },
      stream_subgraphs: true,
      interrupt_before: ['n'],
      on_run_completed: 'keep',
    })
    expect(changed).toMatchObject({ metadata: { a: 1, b: 2, c: 3 }, on_run_completed: 'keep' })
    expect(changed.payload).toEqual({
      assistant_id: ASSISTANT,
      input: { b: 2 },
      metadata: { a: 1, b: 2, c: 3 },
      config: { configurable: { cron_id: id, size: 1 } },
      context: { tone: 'warm' },
      webhook: null,
      interrupt_before: ['n'],
      interrupt_after: null,
      multitask_strategy: 'reject',
      stream_mode: ['updates'],
      stream_subgraphs: true,
      stream_resumable: false,
      durability: 'async',
    })
  })

  it('clears an end, a zone, a webhook and an input by null, and leaves the rest by it', async () => {
    const { cron_id: id } = await room.crons.make({
      end_time: '2026-06-01T00:00:00Z',
      webhook: 'http://127.0.0.1:8099/hook',
      input: { a: 1 },
      context: { tone: 'warm' },
      timezone: 'Europe/Berlin',
    })
    const nothing = Object.fromEntries(OPTIONAL.map((field) => [field, null]))
    expect(await room.crons.patch(id, nothing)).toMatchObject({
      end_time: null,
      timezone: null,
      payload: { webhook: null, input: null, context: { tone: 'warm' } },
    })
  })

  it('goes on from now by a new schedule or zone, and else by the date that it has', async () => {
    const { cron_id: id } = await room.crons.make({ schedule: '0 * * * *' })
    await room.clock.advance(90 * 60_000)
    const next = async (body: object) => (await room.crons.patch(id, body)).next_run_date
    expect(await next({ input: 1 })).toBe('2026-01-01T01:00:00.000Z')
    expect(await next({ enabled: true })).toBe('2026-01-01T01:00:00.000Z')
    expect(await next({ schedule: '45 * * * *' })).toBe('2026-01-01T01:45:00.000Z')
    expect(await next({ schedule: '0 9 * * *', timezone: 'Asia/Tokyo' })).toBe('2026-01-02T00:00:00.000Z')
    expect(await next({ timezone: null })).toBe('2026-01-01T09:00:00.000Z')
    expect(await next({ end_time: '2026-01-01T08:00:00Z' })).toBeNull()
    expect(await next({ end_time: '2026-01-01T09:00:00Z' })).toBe('2026-01-01T09:00:00.000Z')
  })

  it('loses none of the changes that are made at once', async () => {
    const { cron_id: id } = await room.crons.make()
    const keys = Array.from({ length: 10 }, (_, index) => `k${index}`)
    await Promise.all(keys.map((key) => room.crons.patch(id, { metadata: { [key]: true } })))
    expect(Object.keys((await room.crons.get(id)).metadata).toSorted()).toEqual(keys)
  })

  it('moves the time of the change and nothing of the making', async () => {
    const { cron_id: id } = await room.crons.make()
    await room.clock.advance(1_000)
    const changed = await room.crons.patch(id, { enabled: false })
    expect(changed).toMatchObject({ created_at: NEW_YEAR, updated_at: '2026-01-01T00:00:01.000Z', enabled: false })
  })

  it('keeps a thread’s cron without a word over its threads', async () => {
    const threadId = await room.crons.runs.makeThread()
    const { cron_id: id } = await room.crons.make({}, threadId)
    expect((await room.crons.patch(id, { on_run_completed: 'keep' })).on_run_completed).toBeNull()
  })
})

describe('looking for crons', () => {
  const room = CronsRoom.use()

  async function three() {
    const threadId = await room.crons.runs.makeThread()
    const first = await room.crons.make({ metadata: { n: 1, of: 'x' }, schedule: '0 3 * * *' })
    await room.clock.advance(1_000)
    const second = await room.crons.make({ metadata: { n: 2, of: 'x' }, schedule: '0 2 * * *' }, threadId)
    await room.clock.advance(1_000)
    const third = await room.crons.make({ enabled: false, end_time: '2026-01-01T00:00:30Z' })
    return { threadId, first, second, third }
  }

  const ids = async (body: object) =>
    ((await room.crons.request('POST', '/runs/crons/search', body)).body as WireCron[]).map(({ cron_id }) => cron_id)

  it('finds by assistant, thread, state and metadata, newest first', async () => {
    const { threadId, first, second, third } = await three()
    const [a, b, c] = [first.cron_id, second.cron_id, third.cron_id]
    expect(await ids({})).toEqual([c, b, a])
    expect(await ids({ assistant_id: 'graph' })).toEqual([c, b, a])
    expect(await ids({ assistant_id: ASSISTANT, thread_id: threadId })).toEqual([b])
    expect(await ids({ assistant_id: NOBODY })).toEqual([])
    expect(await ids({ enabled: true })).toEqual([b, a])
    expect(await ids({ enabled: false })).toEqual([c])
    expect(await ids({ metadata: { of: 'x' } })).toEqual([b, a])
    expect(await ids({ metadata: { of: 'x', n: 1 }, select: [] })).toEqual([a])
  })

  it.each([
    [{ sort_by: 'created_at', sort_order: 'asc' }, 'abc'],
    [{ sort_by: 'next_run_date', sort_order: 'asc' }, 'bac'],
    [{ sort_by: 'next_run_date', sort_order: 'desc' }, 'abc'],
    [{ sort_by: 'cron_id', sort_order: 'asc' }, 'abc'],
    [{ sort_by: 'cron_id' }, 'cba'],
    [{ sort_by: 'thread_id' }, 'bac'],
    [{ sort_by: 'end_time', sort_order: 'asc' }, 'cab'],
    [{ sort_by: 'assistant_id' }, 'abc'],
    [{ sort_by: 'updated_at' }, 'cba'],
  ])('sorts by %j', async (order, expected) => {
    const { first, second, third } = await three()
    const letters = new Map([first, second, third].map(({ cron_id }, index) => [cron_id, 'abc'[index]]))
    expect((await ids(order)).map((id) => letters.get(id)).join('')).toBe(expected)
  })

  it('gives pages with their headers, and the selected fields with the time', async () => {
    const { second } = await three()
    const query = { limit: 1, offset: 1, select: ['cron_id', 'now', 'disabled_reason'] }
    const { headers, body } = await room.crons.request('POST', '/runs/crons/search', query)
    expect(headers).toMatchObject({ 'x-pagination-total': '3', 'x-pagination-next': '2' })
    expect(body).toEqual([{ cron_id: second.cron_id, now: '2026-01-01T00:00:02.000Z', disabled_reason: null }])
  })

  it('counts', async () => {
    const { threadId } = await three()
    const count = async (body: object) => (await room.crons.request('POST', '/runs/crons/count', body)).body
    const filters = [{}, { thread_id: threadId }, { metadata: { of: 'x' } }, { assistant_id: NOBODY }]
    expect(await Promise.all(filters.map(count))).toEqual([3, 1, 2, 0])
    expect([await count({ enabled: true }), await count({ enabled: false })]).toEqual([2, 1])
  })
})

describe('the end of a cron', () => {
  const room = CronsRoom.use()
  const isThere = async (id: string) => (await room.crons.request('GET', `/runs/crons/${id}`)).status === 200

  it('comes by its deletion, which leaves the runs that it has made', async () => {
    room.crons.scheduler.start()
    const { cron_id: id } = await room.crons.make()
    await room.advance(60_000)
    expect(await room.crons.request('DELETE', `/runs/crons/${id}`)).toMatchObject({ status: 204, body: undefined })
    expect(await isThere(id)).toBe(false)
    await room.clock.advance(120_000)
    expect(await room.fired()).toHaveLength(1)
  })

  const ofThread: [string, (threadId: string) => Promise<unknown>][] = [
    ['deletion', (threadId) => room.crons.request('DELETE', `/threads/${threadId}`)],
    ['pruning', (threadId) => room.crons.runs.app.get(ThreadPruning, { strict: false }).prune([threadId], 'delete')],
    [
      'lifetime',
      async (threadId) => {
        await room.crons.request('PATCH', `/threads/${threadId}`, { ttl: 1 })
        await room.clock.advance(60_000)
        return room.crons.runs.app.get(ThreadSweeper, { strict: false }).sweep()
      },
    ],
  ]

  it.each(ofThread)('comes by the %s of its thread, and of no other', async (_what, end) => {
    const [threadId, otherId] = [await room.crons.runs.makeThread(), await room.crons.runs.makeThread()]
    const gone = await room.crons.make({}, threadId)
    const left = [await room.crons.make({}, otherId), await room.crons.make()]
    await end(threadId)
    expect(await isThere(gone.cron_id)).toBe(false)
    for (const { cron_id: id } of left) expect(await isThere(id)).toBe(true)
  })

  it('comes not by pruning what is old in its thread', async () => {
    const threadId = await room.crons.runs.makeThread()
    const { cron_id: id } = await room.crons.make({}, threadId)
    await room.crons.runs.app.get(ThreadPruning, { strict: false }).prune([threadId], 'keep_latest')
    expect(await isThere(id)).toBe(true)
  })

  it('comes by the deletion of its assistant', async () => {
    const { body } = await room.crons.request('POST', '/assistants', { graph_id: 'graph' })
    const { assistant_id } = body as { assistant_id: string }
    const threadId = await room.crons.runs.makeThread()
    const gone = [await room.crons.make({ assistant_id }), await room.crons.make({ assistant_id }, threadId)]
    const left = await room.crons.make({}, threadId)
    await room.crons.request('DELETE', `/assistants/${assistant_id}`)
    for (const { cron_id: id } of gone) expect(await isThere(id)).toBe(false)
    expect(await isThere(left.cron_id)).toBe(true)
  })

  it('leaves no cron behind that is made or fired at the same moment', async () => {
    room.crons.scheduler.start()
    for (let round = 0; round < 5; round += 1) {
      const threadId = await room.crons.runs.makeThread()
      await room.crons.make({ schedule: '* * * * * *' }, threadId)
      const path = `/threads/${threadId}/runs/crons`
      const body = { schedule: '* * * * *', assistant_id: 'graph' }
      const answers = await Promise.all([
        room.clock.advance(1_000),
        room.crons.request('DELETE', `/threads/${threadId}`),
        room.crons.request('POST', path, body),
      ])
      expect(answers[1].status).toBe(204)
      expect(answers[2].status).toBeOneOf([200, 404])
    }
    expect((await room.crons.request('POST', '/runs/crons/count', {})).body).toBe(0)
  })

  it('comes though a cron of the assistant is fired at the same moment', async () => {
    room.crons.scheduler.start()
    for (let round = 0; round < 10; round += 1) {
      const { body } = await room.crons.request('POST', '/assistants', { graph_id: 'graph' })
      const { assistant_id } = body as { assistant_id: string }
      for (let cron = 0; cron < 3; cron += 1) await room.crons.make({ assistant_id, schedule: '* * * * * *' })
      const remove = () => room.crons.request('DELETE', `/assistants/${assistant_id}`)
      const [, answer] = await Promise.all([room.clock.advance(1_000), remove()])
      expect(answer.status).toBe(200)
    }
    expect((await room.crons.request('POST', '/runs/crons/count', {})).body).toBe(0)
  })
})

describe('the entity', () => {
  const room = CronsRoom.use()

  it('has the columns of the table', async () => {
    const { cron_id: cronId, next_run_date } = await room.crons.make({ metadata: { a: 1 }, timezone: 'Europe/Berlin' })
    const mapped = await new DataSource({ ...dataSourceOptions(room.db.pool), entities: CRON_ENTITIES }).initialize()
    const found = await mapped.getRepository(Cron).findOneBy({ cronId })
    expect(found).toMatchObject({
      metadata: { a: 1 },
      timezone: 'Europe/Berlin',
      nextRunDate: new Date(next_run_date!),
    })
    expect(await mapped.getRepository(Cron).findOneBy({ cronId: newId() })).toBeNull()
  })
})
