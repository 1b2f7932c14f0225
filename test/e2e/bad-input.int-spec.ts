import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'

interface Answer {
  readonly status: number
  readonly body: unknown
}

const LOST = '\uFFFD'
const NOBODY = '01990000-0000-7000-8000-000000000000'

describe('bad input', () => {
  let fresh: TestDatabaseSettings
  let server: ServerProcess
  let threadId: string

  beforeAll(async () => {
    fresh = await freshDatabase()
    server = await ServerProcess.start({
      database: fresh.settings,
      environment: { SIGNALBOX_BODY_LIMIT: '1048576', SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.7' },
    })
    threadId = String((await post('/threads', {})).thread_id)
  })
  afterAll(async () => {
    await server.stop()
    await fresh.remove()
  })
  afterEach(async () => {
    expect(await send('/ok')).toEqual({ status: 200, body: { ok: true } })
  })

  async function send(path: string, request: RequestInit = {}): Promise<Answer> {
    const answer = await fetch(`${server.url}${path}`, request)
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
  }

  const json = (body: unknown, method = 'POST'): RequestInit => ({
    method,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

  async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await send(path, json(body))
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return answer.body as Record<string, unknown>
  }

  /** What is stored: how many threads there are, and the runs of the one thread. */
  async function stored(): Promise<unknown> {
    const threads = await send('/threads/count', json({}))
    const runs = await send(`/threads/${threadId}/runs`)
    const thread = await send(`/threads/${threadId}`)
    return [threads.body, runs.body, thread.body]
  }

  /** Sends it by every route that creates runs; each answers so, and nothing is stored. */
  async function expectRefused(body: unknown, status: number, detail: RegExp): Promise<void> {
    const before = await stored()
    for (const path of [`/threads/${threadId}/runs`, `/thread/${threadId}/runs`, `/threads/${NOBODY}/runs`, '/runs']) {
      for (const way of ['', '/stream', '/wait']) {
        const answer = await send(`${path}${way}`, json(body))
        expect(answer, `${path}${way}`).toEqual({ status, body: { detail: expect.stringMatching(detail) as string } })
      }
    }
    expect(await stored()).toEqual(before)
  }

  describe('in the body of a run', () => {
    const wrong: [string, unknown][] = [
      ['assistant_id', 7],
      ['assistant_id', ''],
      ['assistant_id', null],
      ['command', 'resume'],
      ['metadata', []],
      ['config', 'x'],
      ['config', { recursion_limit: 0 }],
      ['config', { configurable: [] }],
      ['context', 3],
      ['checkpoint', 'x'],
      ['checkpoint', { checkpoint_id: 7 }],
      ['checkpoint', { checkpoint_id: 'latest' }],
      ['checkpoint_id', 'latest\u0000'],
      ['stream_mode', 'tokens'],
      ['stream_mode', ['values', 'tokens']],
      ['stream_mode', [['values']]],
      ['stream_subgraphs', 'yes'],
      ['stream_resumable', 1],
      ['feedback_keys', [1]],
      ['interrupt_before', 'node'],
      ['interrupt_after', [1]],
      ['webhook', 7],
      ['webhook', { url: 'https://example.com' }],
      ['multitask_strategy', 'cancel'],
      ['if_not_exists', 'make'],
      ['after_seconds', '5'],
      ['after_seconds', -1],
      ['after_seconds', 1e300],
      ['on_disconnect', 'stop'],
      ['on_completion', 'remove'],
      ['durability', 'always'],
      ['checkpoint_during', 'no'],
    ]

    it.each(wrong)('a wrong %s (%j) is a 422 that names it, and stores nothing', async (field, value) => {
      await expectRefused(
        { assistant_id: 'echo', [field]: value },
        422,
        new RegExp(field.replace('_id', '[_ ](id|ID)')),
      )
    })

    it.each(['nobody', NOBODY, 'echo\u0000', '\ud800', 'x'.repeat(100_000)])(
      'an unknown assistant is a 404 and stores nothing',
      async (assistant) => {
        await expectRefused({ assistant_id: assistant, if_not_exists: 'create' }, 404, /^No assistant found for /)
      },
    )

    it.each([
      ['an empty text', ''],
      ['another scheme', 'ftp://example.com/hook'],
      ['a script', 'javascript:alert(1)'],
      ['a file', 'file:///etc/passwd'],
      ['no scheme', 'example.com/hook'],
      ['a network path', '//example.com/hook'],
      ['a backslash', 'https:\\\\example.com\\hook'],
      ['userinfo', 'https://user:secret@example.com/hook'],
      ['a line break', 'https://example.com/\r\nx: y'],
      ['U+0000', 'https://example.com/\u0000'],
      ['port 0', 'https://example.com:0/hook'],
      ['too much text', `https://example.com/${'x'.repeat(3_000)}`],
      ['a path that nothing takes', '/my-route'],
      ['loopback', 'http://127.0.0.1:8080/hook'],
      ['loopback by name', 'http://localhost:8080/hook'],
      ['loopback by number', 'http://2130706433/hook'],
      ['loopback in IPv6', 'http://[::1]/hook'],
      ['loopback mapped into IPv6', 'http://[::ffff:127.0.0.1]/hook'],
      ['a private address', 'http://10.0.0.1/hook'],
      ['metadata', 'http://169.254.169.254/latest/meta-data'],
      ['an internal name', 'http://database.internal/hook'],
      ['a single label', 'http://intranet/hook'],
    ])('a webhook with %s is a 422 that names it, and stores nothing', async (_, webhook) => {
      await expectRefused({ assistant_id: 'echo', webhook, if_not_exists: 'create' }, 422, /webhook/)
    })

    it('a refusal tells nothing of the password in the URL', async () => {
      const webhook = 'https://user:hunter2@example.com/hook'
      const { body } = await send('/runs', json({ assistant_id: 'echo', webhook }))
      expect(JSON.stringify(body)).not.toContain('hunter2')
    })

    it('a resume without a thread is a 400', async () => {
      const { status, body } = await send('/runs', json({ assistant_id: 'asking', command: { resume: 'yes' } }))
      expect([status, body]).toEqual([400, { detail: 'You must provide a thread_id when resuming.' }])
    })
  })

  it.each([
    ['GET', '/threads/{id}', 'thread'],
    ['DELETE', '/threads/{id}', 'thread'],
    ['PATCH', '/threads/{id}', 'thread'],
    ['GET', '/threads/{id}/state', 'thread'],
    ['GET', `/threads/${NOBODY}/state/{id}`, 'checkpoint'],
    ['GET', '/threads/{id}/runs', 'thread'],
    ['POST', '/threads/{id}/runs', 'thread'],
    ['POST', '/threads/{id}/runs/stream', 'thread'],
    ['POST', '/threads/{id}/runs/wait', 'thread'],
    ['POST', '/thread/{id}/runs', 'thread'],
    ['GET', `/threads/{id}/runs/${NOBODY}`, 'thread'],
    ['GET', `/threads/${NOBODY}/runs/{id}`, 'run'],
    ['GET', `/threads/{id}/runs/${NOBODY}/join`, 'thread'],
    ['GET', `/threads/${NOBODY}/runs/{id}/join`, 'run'],
    ['GET', `/threads/{id}/runs/${NOBODY}/stream`, 'thread'],
    ['GET', `/threads/${NOBODY}/runs/{id}/stream`, 'run'],
    ['POST', `/threads/{id}/runs/${NOBODY}/cancel`, 'thread'],
    ['POST', `/threads/${NOBODY}/runs/{id}/cancel`, 'run'],
    ['GET', '/runs/{id}/stream', 'run'],
    ['GET', '/assistants/{id}', 'assistant'],
  ])('a malformed UUID in %s %s is a 422 that names the %s', async (method, path, kind) => {
    const body = method === 'POST' ? { assistant_id: 'echo' } : {}
    for (const id of ['undefined', 'null', '123', `${NOBODY}0`, '%00', "'%20OR%201=1", '%F0%9F%98%80', '..%2f..%2f']) {
      const request = method === 'GET' || method === 'DELETE' ? { method } : json(body, method)
      const { status, body: answer } = await send(path.replace('{id}', id), request)
      expect([status, answer], id).toEqual([422, { detail: `Invalid ${kind} ID: must be a UUID` }])
    }
  })

  it.each([
    ['GET', `/threads/${NOBODY}`],
    ['GET', `/threads/${NOBODY}/state`],
    ['GET', `/threads/${NOBODY}/runs`],
    ['GET', `/threads/${NOBODY}/runs/${NOBODY}`],
    ['GET', `/threads/${NOBODY}/runs/${NOBODY}/join`],
    ['GET', `/threads/${NOBODY}/runs/${NOBODY}/stream`],
    ['POST', `/threads/${NOBODY}/runs/${NOBODY}/cancel`],
    ['GET', `/runs/${NOBODY}/stream`],
    ['GET', `/assistants/${NOBODY}`],
    ['GET', '/nowhere'],
    ['POST', '/threads/%ZZ/runs'],
  ])('what does not exist is a 4xx with a detail: %s %s', async (method, path) => {
    const { status, body } = await send(path, { method })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body).toEqual({ detail: expect.any(String) as string })
  })

  it.each([
    ['runs?limit=0', 'limit'],
    ['runs?limit=99999', 'limit'],
    ['runs?offset=-1', 'offset'],
    ['runs?status=done', 'status'],
    ['runs?select=secret', 'select'],
    ['runs?select=%00', 'select'],
    [`runs/${NOBODY}/stream?stream_mode=tokens`, 'stream_mode'],
    [`runs/${NOBODY}/join?cancel_on_disconnect=maybe`, 'cancel_on_disconnect'],
  ])('a wrong query is a 422 that names it: %s', async (path, name) => {
    const { status, body } = await send(`/threads/${threadId}/${path}`)
    expect([status, body]).toEqual([422, { detail: expect.stringMatching(`^${name}: `) as string }])
  })

  it('a wrong action or wait of a cancel is a 422 that names it', async () => {
    for (const [query, name] of [
      ['action=kill', 'action'],
      ['wait=maybe', 'wait'],
    ] as const) {
      const { status, body } = await send(`/threads/${threadId}/runs/${NOBODY}/cancel?${query}`, { method: 'POST' })
      expect([status, body]).toEqual([422, { detail: expect.stringMatching(`^${name}: `) as string }])
    }
  })

  it('a wrong position of a stream is a 4xx', async () => {
    const { thread_id } = await post('/threads', {})
    const runs = `/threads/${String(thread_id)}/runs`
    const { run_id } = await post(runs, { assistant_id: 'echo', input: {} })
    for (const position of ['x', '-7', '1e9', '99999999999999999999']) {
      const headers = { 'last-event-id': position }
      const { status, body } = await send(`${runs}/${String(run_id)}/stream`, { headers })
      expect(status, position).toBe(422)
      expect(body).toEqual({ detail: expect.any(String) as string })
    }
  })

  it.each([
    ['threads', { thread_id: 'x' }, 'thread'],
    ['threads', { thread_id: 7 }, 'thread_id'],
    ['threads', { metadata: 'x' }, 'metadata'],
    ['threads', { metadata: [] }, 'metadata'],
    ['threads', { if_exists: 'replace' }, 'if_exists'],
    ['threads/search', { limit: 0 }, 'limit'],
    ['threads/search', { offset: 1.5 }, 'offset'],
    ['threads/search', { status: 'done' }, 'status'],
    ['threads/search', { ids: ['x'] }, 'thread'],
    ['threads/search', { sort_by: 'thread_id; DROP TABLE threads' }, 'sort_by'],
    ['threads/search', { select: ['secret'] }, 'select'],
    ['assistants/search', { limit: 'ten' }, 'limit'],
    ['assistants/search', { graph_id: 7 }, 'graph_id'],
    ['assistants/search', { sort_by: 'x' }, 'sort_by'],
  ])('a wrong body of POST /%s (%j) is a 422 that names the field', async (path, body, name) => {
    const before = await stored()
    const answer = await send(`/${path}`, json(body))
    expect(answer).toEqual({ status: 422, body: { detail: expect.stringContaining(name) as string } })
    expect(await stored()).toEqual(before)
  })

  describe('in the bytes of a request', () => {
    const run = () => `/threads/${threadId}/runs`

    it.each(['{', '{"assistant_id":"echo",}', 'undefined', '{"a":1}{"b":2}', '\u0000', "{'a':1}", '{"a":NaN}'])(
      'broken JSON is a 422: %j',
      async (text) => {
        const before = await stored()
        const { status, body } = await send(run(), json(text))
        expect([status, body]).toEqual([422, { detail: 'Request body is not valid JSON' }])
        expect(await stored()).toEqual(before)
      },
    )

    it('bytes that are no UTF-8 are a 422', async () => {
      const bytes = Buffer.concat([Buffer.from('{"assistant_id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
      const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: bytes }
      expect((await send(run(), request)).status).toBe(422)
    })

    it.each(['[]', '"text"', '7', 'true', 'null'])('a body that is no object is a 422: %s', async (text) => {
      expect((await send(run(), json(text))).status).toBe(422)
    })

    it('no body at all is a 422', async () => {
      for (const request of [{ method: 'POST' }, json('')]) {
        const { status, body } = await send(run(), request)
        expect([status, body]).toEqual([422, { detail: expect.any(String) as string }])
      }
    })

    it.each([
      'text/html',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
    ])('a body of %s is a 415', async (type) => {
      const before = await stored()
      const request = { ...json({ assistant_id: 'echo' }), headers: { 'content-type': type } }
      expect(await send(run(), request)).toEqual({ status: 415, body: { detail: 'Unsupported Media Type' } })
      expect(await stored()).toEqual(before)
    })

    it('a body over the limit is a 413, with a length and without one', async () => {
      const before = await stored()
      const text = JSON.stringify({ assistant_id: 'echo', input: 'x'.repeat(1_100_000) })
      const chunked = { ...json(''), body: new Blob([text]).stream(), duplex: 'half' } as RequestInit
      for (const request of [json(text), chunked]) {
        const { status, body } = await send(run(), request)
        expect([status, body]).toEqual([413, { detail: expect.any(String) as string }])
      }
      expect(await stored()).toEqual(before)
    })

    it.each([
      ['arrays', '['.repeat(200_000), ']'.repeat(200_000)],
      ['objects', '{"a":'.repeat(100_000) + '1', '}'.repeat(100_000)],
    ])('%s nested without end are a 422', async (_, open, close) => {
      const { status } = await send(run(), json(`{"assistant_id":"echo","input":${open}${close}}`))
      expect(status).toBe(422)
    })

    it.each(['{"assistant_id":"echo","__proto__":{"a":1}}', '{"assistant_id":"echo","input":{"__proto__":{"a":1}}}'])(
      'a key that changes prototypes is a 422: %s',
      async (text) => {
        const before = await stored()
        expect((await send(run(), json(text))).status).toBe(422)
        expect(await stored()).toEqual(before)
      },
    )
  })

  describe('that is odd but allowed', () => {
    async function runOn(body: Record<string, unknown>): Promise<Record<string, unknown>> {
      const { thread_id } = await post('/threads', { metadata: body['metadata'] ?? {} })
      const values = await post(`/threads/${String(thread_id)}/runs/wait`, { assistant_id: 'echo', input: {}, ...body })
      expect(values).toEqual({ log: ['echo'] })
      const runs = (await send(`/threads/${String(thread_id)}/runs`)).body as Record<string, unknown>[]
      expect(runs[0]).toMatchObject({ status: 'success' })
      return runs[0] as Record<string, unknown>
    }

    it('takes U+0000 and lone surrogates everywhere, made storable', async () => {
      const dirty = 'a\u0000b\ud800'
      const clean = `a${LOST}b${LOST}`
      const { metadata, kwargs } = await runOn({
        metadata: { [dirty]: dirty },
        context: { [dirty]: dirty },
        config: { tags: [dirty], configurable: { [dirty]: dirty }, metadata: { deep: [dirty] } },
        input: { log: [], other: dirty },
      })
      expect(metadata).toMatchObject({ [clean]: clean })
      expect(kwargs).toMatchObject({
        input: { other: clean },
        context: { [clean]: clean },
        config: { tags: [clean], configurable: { [clean]: clean }, metadata: { deep: [clean] } },
      })
      const found = await send('/threads/search', json({ metadata: { [dirty]: dirty } }))
      expect(found.body).toHaveLength(1)
    })

    it('takes numbers of any size', async () => {
      const numbers = '[1e308, -1e308, 5e-324, 123456789012345678901234567890, 1e400, -0]'
      const text = `{"assistant_id":"echo","input":{},"metadata":{"numbers":${numbers}}}`
      const { status } = await send('/runs/wait', json(text))
      expect(status).toBe(200)
    })

    it('takes names that JavaScript knows, and stays what it is', async () => {
      const names = { constructor: 'x', toString: 'y', hasOwnProperty: 1, length: -1, '': '', $ref: '#' }
      const { metadata } = await runOn({ metadata: names, config: { configurable: names }, context: names })
      expect(metadata).toMatchObject(names)
    })

    it('takes keys that it does not know, and null for every optional field', async () => {
      await runOn({ assistantId: 'leftover', streamMode: [], webhook: null, config: null, stream_mode: null })
    })

    it('takes a body of plain text as JSON', async () => {
      const request = { ...json({ assistant_id: 'echo', input: {} }), headers: { 'content-type': 'text/plain' } }
      expect(await send('/runs/wait', request)).toEqual({ status: 200, body: { log: ['echo'] } })
    })

    it('takes nesting up to its limit', async () => {
      await runOn({ metadata: { deep: JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`) as unknown } })
    })
  })
})
