import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, Receiver, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
import { ServerProcess } from '../support/server-process.js'

const UUID = /^[0-9a-f-]{36}$/

describe('assistants by the official client', () => {
  let fresh: TestDatabaseSettings
  let server: ServerProcess
  let client: Client
  let receiver: Receiver

  beforeAll(async () => {
    fresh = await freshDatabase()
    const LANGGRAPH_CONFIG = JSON.stringify({
      agent: { configurable: { model_name: 'openai' }, context: { tone: 'dry' } },
    })
    server = await ServerProcess.start({ database: fresh.settings, environment: { LANGGRAPH_CONFIG } })
    client = new Client({ apiUrl: server.url })
    receiver = await Receiver.start()
  })
  afterAll(async () => {
    await server.stop()
    await receiver.close()
    await fresh.remove()
  })

  /** The Python client's dialect: raw HTTP. */
  async function raw(method: string, path: string, body?: unknown) {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const answer = await fetch(server.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : (JSON.parse(text) as unknown) }
  }

  it('has a system assistant for each graph, with the defaults of LANGGRAPH_CONFIG', async () => {
    const assistant = await client.assistants.get('fe096781-5601-53d2-b2f6-0d3403f7e9ca')
    expect(assistant).toMatchObject({
      graph_id: 'agent',
      name: 'agent',
      version: 1,
      metadata: { created_by: 'system' },
      config: { configurable: { model_name: 'openai' } },
      context: { tone: 'dry' },
    })
    expect(await client.assistants.getVersions('agent')).toHaveLength(1)
  })

  it('creates, gets, updates and deletes', async () => {
    const made = await client.assistants.create({
      graphId: 'echo',
      name: 'Mine',
      description: 'What it is for',
      config: { tags: ['a'], configurable: { size: 1 } },
      context: { tone: 'dry' },
      metadata: { team: 'red' },
    })
    expect(made).toMatchObject({ assistant_id: expect.stringMatching(UUID), graph_id: 'echo', version: 1 })
    expect(await client.assistants.get(made.assistant_id)).toEqual(made)
    const changed = await client.assistants.update(made.assistant_id, { name: 'Ours', metadata: { size: 3 } })
    expect(changed).toMatchObject({ name: 'Ours', version: 2, metadata: { team: 'red', size: 3 }, config: made.config })
    await client.assistants.delete(made.assistant_id)
    await expect(client.assistants.get(made.assistant_id)).rejects.toThrow(/404.*Assistant not found/)
    await expect(client.assistants.getVersions(made.assistant_id)).rejects.toThrow(/404/)
  })

  it('raises for a taken id, or does nothing', async () => {
    const { assistant_id: assistantId } = await client.assistants.create({ graphId: 'echo', name: 'first' })
    const again = { graphId: 'echo', assistantId, name: 'second' }
    await expect(client.assistants.create(again)).rejects.toThrow(/409.*Assistant already exists/)
    expect(await client.assistants.create({ ...again, ifExists: 'do_nothing' })).toMatchObject({ name: 'first' })
  })

  it('goes back to a version and on from the highest', async () => {
    const { assistant_id: id } = await client.assistants.create({ graphId: 'echo', name: 'one' })
    await client.assistants.update(id, { name: 'two' })
    expect(await client.assistants.setLatest(id, 1)).toMatchObject({ version: 1, name: 'one' })
    expect(await client.assistants.update(id, {})).toMatchObject({ version: 3, name: 'one' })
    const versions = await client.assistants.getVersions(id)
    expect(versions.map(({ version, name }) => [version, name])).toEqual([
      [3, 'one'],
      [2, 'two'],
      [1, 'one'],
    ])
    expect(await client.assistants.getVersions(id, { limit: 1, offset: 1 })).toMatchObject([{ version: 2 }])
    await expect(client.assistants.setLatest(id, 9)).rejects.toThrow(/404.*Assistant version not found/)
  })

  it('searches with filters, sort, select and pages', async () => {
    const metadata = { suite: 'search' }
    for (const name of ['Beta', 'alpha', 'Gamma']) await client.assistants.create({ graphId: 'steps', name, metadata })
    const names = async (query: Parameters<typeof client.assistants.search>[0]) =>
      (await client.assistants.search({ metadata, ...query })).map(({ name }) => name)
    expect(await names({})).toEqual(['Gamma', 'alpha', 'Beta'])
    expect(await names({ sortBy: 'created_at', sortOrder: 'asc' })).toEqual(['Beta', 'alpha', 'Gamma'])
    expect(await names({ name: 'A', graphId: 'steps', limit: 2 })).toEqual(['Gamma', 'alpha'])
    expect(await names({ name: 'ALPH' })).toEqual(['alpha'])
    expect(await names({ graphId: 'echo' })).toEqual([])
    expect(await client.assistants.count({ metadata, graphId: 'steps' })).toBe(3)
    const selected = await client.assistants.search({ metadata, select: ['name'], limit: 1 })
    expect(selected).toEqual([{ name: 'Gamma' }])
    const first = await client.assistants.search({ metadata, limit: 2, includePagination: true })
    expect([first.assistants.length, first.next]).toEqual([2, '2'])
    const last = await client.assistants.search({ metadata, limit: 2, offset: 2, includePagination: true })
    expect([last.assistants.length, last.next]).toEqual([1, null])
  })

  it('lays its config, context and metadata under those of a run', async () => {
    const { assistant_id: id } = await client.assistants.create({
      graphId: 'echo',
      config: { tags: ['a'], recursion_limit: 7, configurable: { kept: 1, replaced: 1 } },
      context: { kept: 1, replaced: 1 },
      metadata: { team: 'red' },
    })
    const { thread_id: threadId } = await client.threads.create()
    const run = await client.runs.create(threadId, id, {
      input: {},
      config: { configurable: { replaced: 2 } },
      context: { replaced: 2 },
    })
    expect(run.metadata).toMatchObject({ team: 'red', assistant_id: id })
    expect(run).toMatchObject({
      kwargs: {
        config: { tags: ['a'], recursion_limit: 7, configurable: { kept: 1, replaced: 2 } },
        context: { kept: 1, replaced: 2 },
      },
    })
    await client.runs.join(threadId, run.run_id)
  })

  it('draws the graph, to any depth', async () => {
    const drawing = await client.assistants.getGraph('weighed')
    expect(drawing.nodes.map(({ id }) => id)).toEqual(['__start__', 'gp_one', 'gp_two', '__end__'])
    const one = await client.assistants.getGraph('weighed', { xray: 1 })
    expect(one.nodes.map(({ id }) => id)).toContain('gp_two:p_two')
    const all = await client.assistants.getGraph('weighed', { xray: true })
    expect(all.nodes.map(({ id }) => id)).toContain('gp_two:p_two:c_two')
    await expect(client.assistants.getGraph(crypto.randomUUID())).rejects.toThrow(/404.*Assistant not found/)
  })

  it('tells the schemas of graphs of every kind', async () => {
    for (const graph of ['annotated', 'zod4', 'fields']) {
      const { graph_id, ...schemas } = await client.assistants.getSchemas(graph)
      expect(graph_id).toBe(graph)
      expect(schemas).toMatchObject({
        state_schema: {
          $schema: 'http://json-schema.org/draft-07/schema#',
          type: 'object',
          properties: { messages: { langgraph_type: 'messages' } },
        },
      })
    }
    const { state_schema, input_schema, context_schema, config_schema } = await client.assistants.getSchemas('zod4')
    expect(state_schema).toMatchObject({ properties: { tags: { type: 'array' } } })
    expect(input_schema).toMatchObject({ properties: { tags: { type: 'string' } } })
    expect(context_schema).toMatchObject({ properties: { model: { enum: ['small', 'large'] } } })
    expect(config_schema).toEqual(context_schema)
    expect(await client.assistants.getSchemas('zod3')).toMatchObject({ output_schema: { required: ['topic'] } })
    expect(await client.assistants.getSchemas('untyped')).toMatchObject({ state_schema: null })
  })

  it('tells of subgraphs, recursively and by namespace', async () => {
    const keys = async (options?: { namespace?: string; recurse?: boolean }) =>
      Object.keys(await client.assistants.getSubgraphs('weighed', options))
    expect(await keys()).toEqual(['gp_two'])
    expect(await keys({ recurse: true })).toEqual(['gp_two', 'gp_two|p_two'])
    expect(await keys({ namespace: 'gp_two|p_two', recurse: true })).toEqual(['gp_two|p_two'])
    const encoded = await raw('GET', '/assistants/weighed/subgraphs/gp_two%7Cp_two?recurse=true')
    expect(Object.keys(encoded.body as object)).toEqual(['gp_two|p_two'])
    expect(await client.assistants.getSubgraphs('echo')).toEqual({})
  })

  it('deletes an assistant with its runs: active ones end as interrupted and send their webhooks', async () => {
    const gate = await Gate.make()
    const { assistant_id: id } = await client.assistants.create({ graphId: 'steps' })
    const { thread_id: threadId } = await client.threads.create()
    await client.runs.wait(threadId, id, { input: {} })
    const input = { gate: gate.url }
    const stream = client.runs.stream(threadId, id, { input, webhook: receiver.url('/running'), streamMode: 'updates' })
    await stream.next()
    await gate.reached()
    const queued = await client.runs.create(threadId, id, { input: {}, webhook: receiver.url('/queued') })
    await client.assistants.delete(id)
    const left: string[] = []
    for await (const { event } of stream) left.push(event)
    expect(left).not.toContain('error')
    const running = await webhookOf(receiver, '/running')
    expect(running).toMatchObject({ status: 'interrupted', thread_id: threadId, values: { log: ['first', 'second'] } })
    expect(await webhookOf(receiver, '/queued')).toMatchObject({ status: 'interrupted', run_id: queued.run_id })
    expect(await client.runs.list(threadId)).toEqual([])
    expect(await client.threads.get(threadId)).toMatchObject({ status: 'idle', values: { log: ['first', 'second'] } })
    // What the run had checkpointed stays, as with any interrupted run; the thread goes on from there.
    expect(await client.runs.wait(threadId, 'echo', { input: {} })).toMatchObject({
      log: ['first', 'second', 'first', 'echo'],
    })
    await gate.close()
  })

  it('deletes its threads too when asked, and no others', async () => {
    const gate = await Gate.make()
    const { assistant_id: id } = await client.assistants.create({ graphId: 'steps' })
    const threads = await Promise.all([client.threads.create(), client.threads.create()])
    const [own, active] = threads.map((thread) => thread.thread_id) as [string, string]
    const { thread_id: other } = await client.threads.create()
    await client.runs.wait(own, id, { input: {} })
    await client.runs.wait(other, 'steps', { input: {} })
    await client.runs.create(active, id, { input: { gate: gate.url }, webhook: receiver.url('/with-thread') })
    await gate.reached()
    await client.assistants.delete(id, { deleteThreads: true })
    for (const threadId of [own, active]) await expect(client.threads.get(threadId)).rejects.toThrow(/404/)
    expect(await client.threads.getState(other)).toMatchObject({ values: { log: ['first', 'second'] } })
    expect(await webhookOf(receiver, '/with-thread')).toMatchObject({ status: 'interrupted', thread_id: active })
    await gate.close()
  })

  it('is deleted while many make runs of it: each is made and gone, or refused', async () => {
    const { assistant_id: id } = await client.assistants.create({ graphId: 'echo' })
    const threads = await Promise.all(Array.from({ length: 10 }, () => client.threads.create()))
    const create = (threadId: string) => raw('POST', `/threads/${threadId}/runs`, { assistant_id: id, input: {} })
    const answers = Promise.all([...threads, ...threads].map(({ thread_id: threadId }) => create(threadId)))
    const deleted = await Promise.all([raw('DELETE', `/assistants/${id}`), raw('DELETE', `/assistants/${id}`)])
    expect(deleted.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404])
    for (const { status } of await answers) expect([200, 404]).toContain(status)
    for (const { thread_id: threadId } of threads) {
      expect(await client.runs.list(threadId)).toEqual([])
      expect((await client.threads.get(threadId)).status).toBe('idle')
    }
  })

  it('understands the Python client', async () => {
    const { status, body } = await raw('POST', '/assistants', {
      graph_id: 'echo',
      name: 'py',
      metadata: { dialect: 'py' },
    })
    expect(status).toBe(200)
    const { assistant_id: id } = body as { assistant_id: string }
    const search = { limit: 1, offset: 0, metadata: { dialect: 'py' }, select: ['assistant_id'] }
    const found = await raw('POST', '/assistants/search', search)
    expect([found.body, found.headers.get('x-pagination-next')]).toEqual([[{ assistant_id: id }], null])
    expect((await raw('POST', '/assistants/count', { metadata: { dialect: 'py' } })).body).toBe(1)
    expect((await raw('GET', `/assistants/${id}/graph?xray=false`)).status).toBe(200)
    expect((await raw('GET', `/assistants/${id}/subgraphs?recurse=false`)).body).toEqual({})
    expect((await raw('POST', `/assistants/${id}/versions`, { limit: 10, offset: 0 })).body).toHaveLength(1)
    expect((await raw('POST', `/assistants/${id}/latest`, { version: 1 })).status).toBe(200)
    expect((await raw('DELETE', `/assistants/${id}`)).body).toEqual([id])
    expect((await raw('POST', '/assistants', { graph_id: null })).status).toBe(422)
  })
})

async function webhookOf(receiver: Receiver, path: string): Promise<Record<string, unknown>> {
  for (let count = 1; ; count += 1) {
    const found = receiver.requests.find(({ url }) => url === path)
    if (found) return JSON.parse(found.body.toString('utf8')) as Record<string, unknown>
    await receiver.waitFor(Math.max(count, receiver.requests.length + 1))
  }
}
