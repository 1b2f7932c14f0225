import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, openTestDatabase, type TestDatabaseSettings } from '#testing'
import { runCommand } from '../support/command.js'
import { PROJECT, ServerProcess } from '../support/server-process.js'

let fresh: TestDatabaseSettings
let server: ServerProcess
let client: Client
beforeAll(async () => {
  fresh = await freshDatabase()
  server = await ServerProcess.start({ database: fresh.settings })
  client = new Client({ apiUrl: server.url })
})
afterAll(async () => {
  await server.stop()
  await fresh.remove()
})

/** A request in the Python client's words. */
async function raw(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
  const headers = { accept: '*/*', 'user-agent': 'langgraph-sdk-py/0.4.3' }
  const json = body ? { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}
  const answer = await fetch(`${server.url}${path}`, { method, headers, ...json })
  return { status: answer.status, text: await answer.text() }
}

describe('the store by the official client', () => {
  let user: string
  beforeEach(() => {
    user = crypto.randomUUID()
  })

  it('puts, gets, replaces and deletes an item', async () => {
    expect(await client.store.getItem(['users', user], 'missing')).toBeNull()
    await client.store.putItem(['users', user], 'prefs', { theme: 'dark' }, { index: ['theme'], ttl: null })
    const first = await client.store.getItem(['users', user], 'prefs')
    expect(first).toMatchObject({ namespace: ['users', user], key: 'prefs', value: { theme: 'dark' } })
    await client.store.putItem(['users', user], 'prefs', { theme: 'light' })
    const second = await client.store.getItem(['users', user], 'prefs', { refreshTtl: true })
    expect(second?.value).toEqual({ theme: 'light' })
    expect(second?.createdAt).toBe(first?.createdAt)
    expect(Date.parse(second!.updatedAt)).toBeGreaterThan(Date.parse(first!.updatedAt))
    await client.store.deleteItem(['users', user], 'prefs')
    await client.store.deleteItem(['users', user], 'prefs')
    expect(await client.store.getItem(['users', user], 'prefs')).toBeNull()
  })

  it('searches with filters and pages, and lists namespaces', async () => {
    for (const n of [1, 2, 3]) await client.store.putItem(['docs', user, `part${n}`], `k${n}`, { n, odd: n % 2 === 1 })
    const keys = async (options: object) => {
      const { items } = await client.store.searchItems(['docs', user], options)
      return items.map(({ key }) => key)
    }
    expect(await keys({})).toEqual(['k3', 'k2', 'k1'])
    expect(await keys({ filter: { odd: true }, limit: 1, offset: 1 })).toEqual(['k1'])
    expect(await keys({ filter: { n: { $gt: 1, $lt: 3 } }, refreshTtl: false })).toEqual(['k2'])
    const { items } = await client.store.searchItems(['docs', user], { query: 'anything' })
    expect(items.map(({ score }) => score)).toEqual([null, null, null])
    const listed = await client.store.listNamespaces({ prefix: ['docs', user], limit: 2 })
    expect(listed).toEqual({
      namespaces: [
        ['docs', user, 'part1'],
        ['docs', user, 'part2'],
      ],
    })
    expect(await client.store.listNamespaces({ suffix: [user, '*'], maxDepth: 2 })).toEqual({
      namespaces: [['docs', user]],
    })
  })

  it('tells faults in the words of the contract', async () => {
    await expect(client.store.putItem([], 'k', {})).rejects.toThrow('HTTP 400: {"detail":"Namespace is required"}')
    await expect(client.store.putItem([''], 'k', {})).rejects.toThrow(
      'HTTP 422: {"detail":"Namespace labels cannot be empty or contain periods. Received: "}',
    )
  })

  it('holds what nodes put, and shows nodes what clients put', async () => {
    await client.store.putItem(['memories', user], 'likes tea', { fact: 'likes tea' })
    await client.store.putItem(['memories', user], 'secret', { fact: 'secret' })
    const values = await client.runs.wait(null, 'memory', { input: { user, fact: 'has a cat' } })
    expect(values).toMatchObject({ facts: ['has a cat', 'likes tea'] })
    const item = await client.store.getItem(['memories', user], 'has a cat')
    expect(item?.value).toEqual({ fact: 'has a cat' })
  })

  it('keeps the items over a restart', async () => {
    await client.store.putItem(['kept', user], 'k', { n: 1 })
    await server.stop()
    server = await ServerProcess.start({ database: fresh.settings })
    client = new Client({ apiUrl: server.url })
    expect((await client.store.getItem(['kept', user], 'k'))?.value).toEqual({ n: 1 })
  })
})

describe('the store in the dialect of the Python client', () => {
  it('answers with the statuses and bodies that it reads', async () => {
    const at = { namespace: ['py', 'a'], key: 'k' }
    expect(await raw('PUT', '/store/items', { ...at, value: { n: 1 } })).toEqual({ status: 204, text: '' })
    const got = await raw('GET', '/store/items?namespace=py.a&key=k')
    expect([got.status, JSON.parse(got.text)]).toMatchObject([200, { ...at, value: { n: 1 } }])
    expect((await raw('GET', '/store/items?namespace=py&namespace=a&key=k&refresh_ttl=true')).text).toBe(got.text)
    expect(await raw('GET', '/store/items?namespace=py.a&key=none&refresh_ttl=')).toEqual({ status: 200, text: 'null' })
    const found = await raw('POST', '/store/items/search', { namespace_prefix: ['py'], limit: 10, offset: 0 })
    expect(JSON.parse(found.text)).toMatchObject({ items: [{ ...at, value: { n: 1 } }] })
    const listed = await raw('POST', '/store/namespaces', { prefix: ['py'], limit: 100, offset: 0 })
    expect(JSON.parse(listed.text)).toEqual({ namespaces: [['py', 'a']] })
    expect(await raw('DELETE', '/store/items', at)).toEqual({ status: 204, text: '' })
    expect(await raw('DELETE', '/store/items', { key: 'k', namespace: ['py.a'] })).toMatchObject({ status: 422 })
  })

  it('hides an item whose lifetime is over', async () => {
    const at = { namespace: ['py', 'ttl'], key: 'k' }
    expect(await raw('PUT', '/store/items', { ...at, value: {}, ttl: 1e-9 })).toMatchObject({ status: 204 })
    expect((await raw('GET', '/store/items?namespace=py.ttl&key=k')).text).toBe('null')
  })
})

describe('store.index in langgraph.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-index-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function project(embed: string): string {
    const graphs = { memory: `${dirname(PROJECT)}/store-graphs.ts:memory` }
    const config = join(folder, 'langgraph.json')
    writeFileSync(config, JSON.stringify({ graphs, store: { index: { dims: 3, embed, fields: ['fact'] } } }))
    return config
  }

  it('ends the start with a sentence when its function cannot be had', async () => {
    const config = project(`${dirname(PROJECT)}/store-graphs.ts:missing`)
    const end = await runCommand(['start', '--config', config, '--port', '0', '--data-dir', folder])
    expect(end.code).toBe(1)
    expect(end.stderr).toContain('has no export "missing", it exports embed, memory.')
  })

  it('finds items by their meaning, or ends the start with a sentence on a database without pgvector', async () => {
    const config = project(`${dirname(PROJECT)}/store-graphs.ts:embed`)
    const database = await freshDatabase()
    try {
      if (await hasVectors()) await findByMeaning(config, database.settings)
      else await expect(ServerProcess.start({ config, database: database.settings })).rejects.toThrow('pgvector')
    } finally {
      await database.remove()
    }
  })
})

async function hasVectors(): Promise<boolean> {
  const db = await openTestDatabase({ vectors: true })
  const { rows } = await db.database.query(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`)
  await db.close()
  return rows.length > 0
}

async function findByMeaning(config: string, database: TestDatabaseSettings['settings']): Promise<void> {
  const indexed = await ServerProcess.start({ config, database })
  try {
    const { runs, store } = new Client({ apiUrl: indexed.url })
    await runs.wait(null, 'memory', { input: { user: 'u', fact: 'has a dog' } })
    await store.putItem(['memories', 'u'], 'meal', { fact: 'soup and bread' })
    const { items } = await store.searchItems(['memories'], { query: 'a pet', limit: 1 })
    expect(items).toMatchObject([{ key: 'has a dog', score: 1 }])
  } finally {
    await indexed.stop()
  }
}
