import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { Gate } from '../support/gate.js'
import { RUNS_PROJECT, TestServer } from '../support/test-server.js'

interface WireRun {
  run_id: string
  thread_id: string
  assistant_id: string
  metadata: Record<string, unknown>
  kwargs: {
    config: { configurable: Record<string, unknown>; metadata: Record<string, unknown>; tags?: string[] }
    context: Record<string, unknown>
    feedback_keys: string[] | null
    durability: string
  }
}

/** What `mirror` shows of its call. */
interface Seen {
  seen: { context: unknown; configurable: Record<string, unknown>; metadata: Record<string, unknown>; tags: string[] }
}

describe('what a run is asked for', () => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  const makeThread = async (payload: object = {}) => (await server.client.threads.create(payload)).thread_id
  const wait = (threadId: string | null, graph: string, payload: object = {}) =>
    server.client.runs.wait(threadId as string, graph, payload) as Promise<unknown>
  const historyOf = (threadId: string) => server.client.threads.getHistory(threadId, { limit: 100 })

  describe('breakpoints', () => {
    it.each([
      ['interrupt_before a list', { interruptBefore: ['last'] }, [['last']]],
      ['interrupt_after a list', { interruptAfter: ['first'] }, [['last']]],
      ['interrupt_before *', { interruptBefore: '*' }, [['first'], ['last']]],
      ['interrupt_after *', { interruptAfter: '*' }, [['last'], []]],
      ['both', { interruptBefore: ['first'], interruptAfter: ['first'] }, [['first'], ['last']]],
      ['a node that is not there', { interruptBefore: ['nobody'] }, []],
    ])('%s', async (_what, breakpoints, stops) => {
      const threadId = await makeThread()
      let input: object | null = { log: ['in'] }
      for (const next of stops) {
        const result = await wait(threadId, 'steps', { input, ...breakpoints })
        input = null
        expect((await server.client.threads.getState(threadId)).next).toEqual(next)
        const status = next.length > 0 ? 'interrupted' : 'idle'
        expect(await server.client.threads.get(threadId)).toMatchObject({ status, interrupts: {} })
        expect(result).toHaveProperty('log')
      }
      await wait(threadId, 'steps', { input })
      expect((await server.client.threads.get<{ log: string[] }>(threadId)).values.log).toEqual(['in', 'first', 'last'])
    })
  })

  describe('forks', () => {
    async function forkPoint(): Promise<{ threadId: string; checkpointId: string }> {
      const threadId = await makeThread()
      await wait(threadId, 'steps', { input: { log: ['in'] } })
      const before = (await historyOf(threadId)).find(({ next }) => next[0] === 'last')
      return { threadId, checkpointId: before!.checkpoint.checkpoint_id! }
    }

    it.each([
      ['checkpoint_id', (id: string) => ({ checkpoint_id: id })],
      ['checkpoint', (id: string) => ({ checkpoint: { checkpoint_id: id, checkpoint_ns: '' } })],
      ['checkpoint, which wins', (id: string) => ({ checkpoint: { checkpoint_id: id }, checkpoint_id: zeroId })],
      ['a thread inside, which is ignored', (id: string) => ({ checkpoint: { checkpoint_id: id, thread_id: zeroId } })],
    ])('from a checkpoint: %s', async (_what, fork) => {
      const { threadId, checkpointId } = await forkPoint()
      const body = { assistant_id: 'steps', input: null, ...fork(checkpointId) }
      const answer = await server.request('POST', `/threads/${threadId}/runs/wait`, body)
      expect(answer.body).toMatchObject({ log: ['in', 'first', 'last'] })
      const last = await server.client.threads.getState(threadId)
      const chain = (await historyOf(threadId)).map(({ checkpoint, parent_checkpoint: parent }) => ({
        id: checkpoint.checkpoint_id,
        parent: parent?.checkpoint_id,
      }))
      const ancestors = new Set<string | null | undefined>([last.checkpoint.checkpoint_id])
      for (const { id, parent } of chain) if (ancestors.has(id)) ancestors.add(parent)
      expect(ancestors.has(checkpointId)).toBe(true)
      expect(chain.filter(({ parent }) => parent === checkpointId)).toHaveLength(2)
    })
  })

  describe('durability', () => {
    it.each([
      [{ durability: 'sync' }, 'sync', 4],
      [{ durability: 'async' }, 'async', 4],
      [{ durability: 'exit' }, 'exit', 1],
      [{ checkpoint_during: true }, 'async', 4],
      [{ checkpoint_during: false }, 'exit', 1],
      [{ durability: 'sync', checkpoint_during: false }, 'sync', 4],
      [{}, 'async', 4],
    ])('%j leaves its checkpoints', async (options, durability, checkpoints) => {
      const threadId = await makeThread()
      const body = { assistant_id: 'steps', input: { log: [] }, ...options }
      await server.request('POST', `/threads/${threadId}/runs/wait`, body)
      expect(await historyOf(threadId)).toHaveLength(checkpoints)
      const [run] = (await server.client.runs.list(threadId)) as unknown as WireRun[]
      expect(run?.kwargs.durability).toBe(durability)
    })
  })

  describe('stateless', () => {
    it.each([
      ['delete', false],
      ['complete', false],
      [undefined, false],
      ['keep', true],
      ['continue', true],
    ])('on_completion %s', async (onCompletion, isKept) => {
      const body = { assistant_id: 'echo', input: { log: ['x'] }, on_completion: onCompletion ?? null }
      const { body: run, headers } = await server.request('POST', '/runs', body)
      const { run_id, thread_id } = run as WireRun
      const place = isKept ? `/threads/${thread_id}/runs/${run_id}` : `/runs/${run_id}`
      expect(headers.get('content-location')).toBe(place)
      const { body: values } = await server.request('GET', `/threads/${thread_id}/runs/${run_id}/join`)
      expect(values).toEqual({ log: ['x', 'x!'] })
      const thread = await server.request('GET', `/threads/${thread_id}`)
      expect(thread.status).toBe(isKept ? 200 : 404)
    })

    it('refuses to resume', async () => {
      await expect(wait(null, 'echo', { command: { resume: 1 } })).rejects.toThrow(
        'HTTP 400: {"detail":"You must provide a thread_id when resuming."}',
      )
    })
  })

  it('after_seconds: the run is due when they have passed, and not before', async () => {
    const threadId = await makeThread()
    const before = Date.now()
    const run = await server.client.runs.create(threadId, 'echo', { input: { log: ['x'] }, afterSeconds: 0.7 })
    expect(Date.parse(run.created_at)).toBeGreaterThanOrEqual(before + 700)
    expect(run.status).toBe('pending')
    await server.client.runs.join(threadId, run.run_id)
    expect(Date.now() - before).toBeGreaterThanOrEqual(700)
    expect((await server.client.runs.get(threadId, run.run_id)).status).toBe('success')
  })

  describe('on_disconnect', () => {
    it.each([
      ['cancel', 'wait', 'interrupted'],
      ['cancel', 'stream', 'interrupted'],
      ['continue', 'wait', 'success'],
      ['continue', 'stream', 'success'],
      [null, 'wait', 'success'],
    ])('%s of a client that leaves its %s', async (onDisconnect, way, status) => {
      const gate = await Gate.make()
      const threadId = await makeThread()
      const leaving = new AbortController()
      const body = {
        assistant_id: 'steps',
        input: { gate: gate.url },
        on_disconnect: onDisconnect,
        webhook: server.receiver.url('/leaving'),
      }
      const answer = await fetch(`${server.url}/threads/${threadId}/runs/${way}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
        signal: leaving.signal,
      })
      await gate.reached()
      leaving.abort()
      await answer.text().catch(() => undefined)
      const [run] = await server.client.runs.list(threadId)
      if (status === 'success') gate.open()
      expect((await server.webhooks.first(run!.run_id)).status).toBe(status)
      await gate.close()
    })
  })

  describe('merges', () => {
    it('metadata, config and context: assistant ← thread ← request, then what is the server’s own', async () => {
      const assistant = await server.client.assistants.create({
        graphId: 'mirror',
        metadata: { from: 'assistant', a: 1 },
        config: { configurable: { key: 'assistant', a: 1 }, tags: ['assistant'] },
        context: { tone: 'calm', size: 1 },
      })
      const threadId = await makeThread({ metadata: { from: 'thread', t: 1 } })
      const first = { config: { configurable: { key: 'thread', t: 1 } }, context: { size: 2 } }
      await wait(threadId, assistant.assistant_id, { input: { seen: null }, ...first })
      const values = (await wait(threadId, assistant.assistant_id, {
        input: { seen: null },
        metadata: { from: 'request', r: 1 },
        config: { configurable: { r: 1 }, metadata: { c: 1 }, tags: ['request'] },
        context: { size: 3 },
      })) as Seen
      const own = { assistant_id: assistant.assistant_id }
      const metadata = { from: 'request', a: 1, t: 1, r: 1, ...own }
      const configurable = { key: 'thread', a: 1, t: 1, r: 1, thread_id: threadId, graph_id: 'mirror', ...own }
      const [run] = (await server.client.runs.list(threadId)) as unknown as WireRun[]
      expect(run?.metadata).toEqual({ ...metadata, graph_id: 'mirror' })
      expect(run?.kwargs.config.configurable).toMatchObject(configurable)
      expect(run?.kwargs.config.metadata).toMatchObject({ ...metadata, c: 1 })
      expect(run?.kwargs.config.tags).toEqual(['request'])
      expect(run?.kwargs.context).toEqual({ tone: 'calm', size: 3 })
      expect(values.seen.context).toEqual({ tone: 'calm', size: 3 })
      expect(values.seen.configurable).toMatchObject({ ...configurable, run_id: run?.run_id })
      expect(values.seen.metadata).toMatchObject({ ...metadata, c: 1 })
      expect(values.seen.tags).toContain('request')
      expect((await server.client.threads.get(threadId)).metadata).toEqual({
        from: 'thread',
        t: 1,
        graph_id: 'mirror',
        ...own,
      })
    })
  })

  it('feedback_keys: kept with the run; without a tracer there are no URLs, so no event and no __feedback__', async () => {
    const threadId = await makeThread()
    const options = { input: { log: ['x'] }, feedbackKeys: ['good', 'bad'], streamMode: 'values' as const }
    const events: string[] = []
    for await (const part of server.client.runs.stream(threadId, 'echo', options)) events.push(part.event)
    expect(events).toEqual(['metadata', 'values', 'values'])
    const [run] = (await server.client.runs.list(threadId)) as unknown as WireRun[]
    expect(run?.kwargs.feedback_keys).toEqual(['good', 'bad'])
    const body = { assistant_id: 'echo', input: { log: [] }, feedback_keys: 'good' }
    const waited = await server.request('POST', `/threads/${threadId}/runs/wait`, body)
    expect(waited.status).toBe(200)
    expect(waited.body).not.toHaveProperty('__feedback__')
  })

  it('says where each run stands, route by route', async () => {
    const threadId = await makeThread()
    const input = { assistant_id: 'echo', input: { log: ['x'] } }
    const places: (readonly [string, string | null, string | null])[] = []
    for (const path of [`/threads/${threadId}/runs`, '/runs']) {
      for (const way of ['', '/wait', '/stream']) {
        const { status, headers } = await server.request('POST', `${path}${way}`, input)
        expect(status).toBe(200)
        places.push([`${path}${way}`, headers.get('content-location'), headers.get('location')])
      }
    }
    const uuid = '[0-9a-f-]{36}'
    const expected: (readonly [string, string, string | null])[] = [
      [`/threads/${threadId}/runs`, `/threads/${threadId}/runs/${uuid}`, null],
      [`/threads/${threadId}/runs/wait`, `/threads/${threadId}/runs/${uuid}`, `/threads/${threadId}/runs/${uuid}/join`],
      [
        `/threads/${threadId}/runs/stream`,
        `/threads/${threadId}/runs/${uuid}`,
        // A stream that breaks before its first event has no id to go on from: the place itself says where.
        `/threads/${threadId}/runs/${uuid}/stream\\?last_event_id=-1`,
      ],
      ['/runs', `/runs/${uuid}`, null],
      ['/runs/wait', `/runs/${uuid}`, `/threads/${uuid}/runs/${uuid}/join`],
      ['/runs/stream', `/runs/${uuid}`, `/runs/${uuid}/stream\\?last_event_id=-1`],
    ]
    expect(places).toEqual(
      expected.map(([path, content, location]) => [
        path,
        expect.stringMatching(new RegExp(`^${content}$`)),
        location && expect.stringMatching(new RegExp(`^${location}$`)),
      ]),
    )
    const [run] = await server.client.runs.list(threadId)
    const own = `/threads/${threadId}/runs/${run!.run_id}`
    for (const [way, place] of [
      ['join', `${own}/join`],
      ['stream', expect.stringMatching(/\/stream\?last_event_id=\d+$/) as string],
    ] as const) {
      const { headers } = await server.request('GET', `${own}/${way}`)
      expect([headers.get('content-location'), headers.get('location')]).toEqual([own, place])
    }
  })

  describe('lists', () => {
    it('are stable under ties, page by page, and filtered by status, metadata and select', async () => {
      const threadId = await makeThread()
      const made: string[] = []
      for (let place = 0; place < 7; place += 1) {
        const options = { input: {}, afterSeconds: 3_600, metadata: { parity: place % 2, deep: { a: [1, 2], place } } }
        made.unshift((await server.client.runs.create(threadId, 'echo', options)).run_id)
      }
      await server.client.runs.cancel(threadId, made[6]!)
      const list = async (query: string) =>
        (await server.request('GET', `/threads/${threadId}/runs?${query}`)).body as WireRun[]
      const ids = async (query: string) => (await list(query)).map((run) => run.run_id)
      const pages = [await ids('limit=3'), await ids('limit=3&offset=3'), await ids('limit=3&offset=6')]
      expect(pages.flat()).toEqual(made)
      expect(await ids('status=interrupted')).toEqual([made[6]])
      expect(await ids('status=pending&limit=100')).toEqual(made.slice(0, 6))
      const filter = (metadata: object) => ids(`metadata=${encodeURIComponent(JSON.stringify(metadata))}`)
      expect(await filter({ parity: 1 })).toEqual([made[1], made[3], made[5]])
      expect(await filter({ deep: { a: [2], place: 3 } })).toEqual([made[3]])
      expect(await filter({ deep: { a: [3] } })).toEqual([])
      expect(await filter({})).toEqual(made)
      expect(await list('select=["run_id","status"]&limit=1')).toEqual([{ run_id: made[0], status: 'pending' }])
      expect(await list('select=run_id&select=metadata&limit=1')).toEqual([
        { run_id: made[0], metadata: expect.objectContaining({ parity: 0 }) as object },
      ])
    })

    it.each(['status=done', 'select=injected', 'metadata=[]', 'metadata={', 'metadata=3', 'limit=0', 'offset=-1'])(
      'refuse %s, naming it',
      async (query) => {
        const answer = await server.request('GET', `/threads/${await makeThread()}/runs?${query}`)
        expect(answer.status).toBe(422)
        expect((answer.body as { detail: string }).detail).toMatch(new RegExp(`^${query.split('=')[0]}: `))
      },
    )

    it('know no unknown thread', async () => {
      await expect(server.client.runs.list(zeroId)).rejects.toThrow(`Thread with ID ${zeroId} not found`)
    })
  })

  it.each([
    [{ command: { goto: 3 } }, 'command.goto: '],
    [{ command: { goto: [{ input: {} }] } }, 'command.goto: '],
    [{ command: { update: 'x' } }, 'command.update: '],
    [{ command: { update: [['a']] } }, 'command.update: '],
    [{ interrupt_before: 'first' }, 'interrupt_before: '],
    [{ multitask_strategy: 'wait' }, 'multitask_strategy: '],
    [{ if_not_exists: 'make' }, 'if_not_exists: '],
    [{ durability: 'never' }, 'durability: '],
    [{ on_completion: 'drop' }, 'on_completion: '],
    [{ on_disconnect: 'drop' }, 'on_disconnect: '],
    [{ after_seconds: 'soon' }, 'after_seconds: '],
    [{ stream_mode: ['everything'] }, 'stream_mode: '],
    [{ checkpoint_id: 'x' }, 'Invalid checkpoint ID: must be a UUID'],
    [{ config: { recursion_limit: 0 } }, 'config: '],
    [{ config: { max_concurrency: 0 } }, 'config.max_concurrency must be an integer from 1'],
  ])('refuses %j by name', async (body, detail) => {
    const answer = await server.request('POST', '/runs', { assistant_id: 'echo', ...body })
    expect(answer.status).toBe(422)
    expect((answer.body as { detail: string }).detail).toContain(detail)
  })

  describe('more keys than a graph can carry', () => {
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]))

    it.each([
      ['metadata', { metadata: keys(300) }, 'must have at most 256 keys'],
      ['configurable', { config: { configurable: keys(300) } }, 'must have at most 256 keys'],
      ['both', { metadata: keys(150), config: { configurable: keys(150) } }, 'must have at most 256 keys'],
      ['tags', { config: { tags: Object.keys(keys(300)) } }, 'config.tags: must have at most 256 elements'],
    ])('are refused in %s, and nothing is made', async (_what, payload, words) => {
      const threadId = await makeThread()
      const answer = await server.request('POST', `/threads/${threadId}/runs`, { assistant_id: 'steps', ...payload })
      expect(answer.status).toBe(422)
      expect((answer.body as { detail: string }).detail).toContain(words)
      expect(await server.client.threads.get(threadId)).toMatchObject({ status: 'idle', metadata: {} })
      expect(await server.client.runs.list(threadId)).toEqual([])
    })

    it('counts those of the thread', async () => {
      const threadId = await makeThread({ metadata: keys(240) })
      await wait(threadId, 'steps', { input: { log: [] } })
      await server.client.threads.update(threadId, { metadata: keys(300) })
      await expect(wait(threadId, 'steps', { input: { log: [] } })).rejects.toThrow('at most 256 keys')
    })
  })
})

const zeroId = '00000000-0000-4000-8000-000000000000'
