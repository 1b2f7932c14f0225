import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, TEST_DATABASE } from '#testing'
import { openStoreApp, type StoreApp } from './store-app.spec.support.js'

/** How often the words of three topics stand in a text: near enough to a meaning. */
function embed(texts: string[]): number[][] {
  const topics = [/cat|dog|pet/g, /rain|sun|weather/g, /soup|bread|food/g]
  return texts.map((text) => topics.map((topic) => text.match(topic)?.length ?? 0))
}

const INDEX = { dims: 3, embed: { file: '/project/embed.ts', exportName: 'embed' }, fields: ['$'] }

async function canHaveVectors(vectors: boolean): Promise<boolean> {
  const db = await openTestDatabase({ vectors })
  const { rows } = await db.database.query(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`)
  await db.close()
  return rows.length > 0
}

const hasVectors = await canHaveVectors(true)
const hasThemAnyway = await canHaveVectors(false)

it.skipIf(TEST_DATABASE === 'postgres')(
  'the embedded database has pgvector where it is asked for, and only there',
  () => {
    expect([hasVectors, hasThemAnyway]).toEqual([true, false])
  },
)

describe('store.index', () => {
  it.skipIf(hasThemAnyway)('refuses to start on a database without pgvector', async () => {
    const app = await openStoreApp({ index: INDEX }, embed, false)
    await expect(app.index.open()).rejects.toMatchObject({
      code: 'start_refused',
      message: expect.stringMatching(/^store\.index needs the extension pgvector.*DATABASE_URI/),
    })
    await app.close()
  })

  it.each([
    [undefined, 'store.index.embed (embed.ts): has no export "other", it exports embed.', 'other'],
    [3, 'store.index.embed: the export is of the type number. It must be a function', 'embed'],
    [null, 'store.index.embed: the export is null. It must be a function', 'embed'],
  ])('refuses to start with %j for a function', async (exported, message, exportName) => {
    const app = await openStoreApp({ index: { ...INDEX, embed: { ...INDEX.embed, exportName } } }, exported)
    await expect(app.index.open()).rejects.toThrow(message)
    await app.close()
  })

  it('is no matter where it is not configured', async () => {
    const app = await openStoreApp()
    await app.index.open()
    expect((await app.db.database.query(`SELECT to_regclass('store_vectors') AS name`)).rows).toEqual([{ name: null }])
    await app.close()
  })
})

const WITHOUT = 'the test database has no pgvector (install postgresql-NN-pgvector): skipped'
describe.skipIf(!hasVectors)(`a search by meaning${hasVectors ? '' : ` (${WITHOUT})`}`, () => {
  let app: StoreApp
  let answer: (texts: string[]) => unknown = embed
  const calls: string[][] = []

  beforeAll(async () => {
    app = await openStoreApp({ index: { ...INDEX, fields: ['text', 'parts[*]'] } }, (texts: string[]) => {
      calls.push(texts)
      return answer(texts)
    })
    await app.index.open()
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    answer = embed
    await app.db.database.query('DELETE FROM store_items')
    await app.put(['m'], 'pets', { text: 'cat and dog', kind: 1 })
    await app.put(['m', 'deep'], 'mixed', { text: 'rain', parts: ['cat', 'soup soup'], kind: 2 })
    await app.put(['m'], 'food', { text: 'soup and bread', kind: 1 })
    await app.put(['other'], 'weather', { text: 'rain rain', kind: 1 }, { ttl: 1 })
    await app.put(['m'], 'hidden', { text: 'cat' }, { index: false })
    await app.put(['m'], 'own', { text: 'cat', title: 'sun' }, { index: ['title'] })
    await app.put(['m'], 'blank', { text: 'nothing of the three' })
    calls.length = 0
  })

  async function found(search: object): Promise<[string, number][]> {
    const { status, body } = await app.request('POST', '/store/items/search', search)
    expect(status).toBe(200)
    return (body as { items: { key: string; score: number }[] }).items.map(({ key, score }) => [
      key,
      Number(score.toFixed(6)),
    ])
  }

  it('orders by the nearest text of each item, ties by key, and fills the score', async () => {
    const half = Number(Math.SQRT1_2.toFixed(6))
    expect(await found({ query: 'pet' })).toEqual([
      ['mixed', 1],
      ['pets', 1],
      ['blank', 0],
      ['food', 0],
      ['own', 0],
      ['weather', 0],
    ])
    expect(await found({ query: 'dog in the sun', limit: 2, offset: 2 })).toEqual([
      ['pets', half],
      ['weather', half],
    ])
    expect(calls).toEqual([['pet'], ['dog in the sun']])
  })

  it('keeps to prefix, filter and lifetime', async () => {
    expect(await found({ query: 'rain', namespace_prefix: ['m', 'deep'] })).toEqual([['mixed', 1]])
    expect(await found({ query: 'food', filter: { kind: 1 }, limit: 1 })).toEqual([['food', 1]])
    await app.clock.advance(30_000)
    expect(await found({ query: 'sun', namespace_prefix: ['other'] })).toEqual([['weather', 1]])
    await app.clock.advance(59_000)
    expect(await found({ query: 'sun', namespace_prefix: ['other'], refresh_ttl: false })).toEqual([['weather', 1]])
    await app.clock.advance(60_000)
    expect(await found({ query: 'sun', namespace_prefix: ['other'] })).toEqual([])
  })

  it('forgets what an item was about when it is replaced or deleted', async () => {
    await app.put(['m'], 'pets', { text: 'bread' })
    await app.request('DELETE', '/store/items', { namespace: ['m', 'deep'], key: 'mixed' })
    expect((await found({ query: 'cat' })).every(([, score]) => score === 0)).toBe(true)
    await app.put(['m'], 'pets', { text: 'cat' }, { index: false })
    expect((await found({ query: 'cat', namespace_prefix: ['m'] })).map(([key]) => key)).toEqual([
      'blank',
      'food',
      'own',
    ])
  })

  it('is without a query as ever: no function is called, and no score is told', async () => {
    expect(await app.keys({ limit: 1 })).toHaveLength(1)
    expect(calls).toEqual([])
  })

  it('is what nodes see too, with one call for all that is put at once', async () => {
    const store = app.graphStore.store!
    const items = ['sun', 'bread'].map((text) => ({ namespace: ['node'], key: text, value: { text } }))
    await store.batch(items)
    expect(calls).toEqual([['bread', 'sun']])
    const results = await store.search(['node'], { query: 'weather' })
    expect(results.map(({ key, score }) => [key, score])).toEqual([
      ['sun', 1],
      ['bread', 0],
    ])
  })

  it('holds no connection while the function works', async () => {
    const kept = { namespace: ['slow'], key: 'k', value: { text: 'cat' } }
    answer = async (texts: string[]) => {
      await app.db.database.query('SELECT 1')
      return embed(texts)
    }
    await app.request('PUT', '/store/items', kept)
    expect(await found({ query: 'cat', namespace_prefix: ['slow'] })).toEqual([['k', 1]])
  })

  it.each<[string, (texts: string[]) => unknown]>([
    ['throws', () => Promise.reject(new Error('key sk-secret is wrong'))],
    ['gives too few', () => []],
    ['gives the wrong length', (texts) => texts.map(() => [1, 2])],
    ['gives no numbers', (texts) => texts.map(() => [1, Number.NaN, 3])],
    ['gives no lists', () => 'vectors'],
  ])('stores nothing when the function %s, and tells why in the log alone', async (_, broken) => {
    answer = broken
    const put = await app.request('PUT', '/store/items', { namespace: ['broken'], key: 'k', value: { text: 'cat' } })
    expect(put).toEqual({ status: 500, body: { detail: 'The embedding function of the store failed' } })
    expect(app.logged.at(-1)).toMatchObject({ level: 'error', message: 'the embedding function of the store failed' })
    expect(await app.keys({ namespace_prefix: ['broken'] })).toEqual([])
    expect(await app.request('POST', '/store/items/search', { query: 'x' })).toMatchObject({ status: 500 })
  })

  it('keeps the vectors over a restart, and drops them when their length changes', async () => {
    await app.index.open()
    expect(await found({ query: 'bread', limit: 1 })).toEqual([['food', 1]])
    await app.db.database.query('DROP TABLE store_vectors')
    await app.db.database.query('CREATE TABLE store_vectors (embedding vector(7))')
    await app.index.open()
    expect(app.logged.at(-1)).toMatchObject({ level: 'warn', fields: { before: 7, now: 3 } })
    expect(await found({ query: 'bread' })).toEqual([])
    await app.put(['m'], 'food', { text: 'bread' })
    expect(await found({ query: 'bread' })).toEqual([['food', 1]])
  })

  it('takes an object with embedDocuments, as LangChain has them', async () => {
    const other = await openStoreApp({ index: INDEX }, { embedDocuments: embed })
    await other.index.open()
    await other.put(['m'], 'k', { any: 'dog' })
    const { body } = await other.request('POST', '/store/items/search', { query: 'cat' })
    expect(body).toMatchObject({ items: [{ key: 'k', score: 1 }] })
    await other.close()
  })
})
