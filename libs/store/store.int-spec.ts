import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStoreApp, type StoreApp } from './store-app.spec.support.js'

let app: StoreApp
beforeAll(async () => {
  app = await openStoreApp()
})
afterAll(() => app.close())
beforeEach(() => app.db.database.query('DELETE FROM store_items'))

async function get(query: string): Promise<unknown> {
  const { status, body } = await app.request('GET', `/store/items?${query}`)
  expect(status).toBe(200)
  return body
}

async function namespaces(search: object): Promise<unknown> {
  const { status, body } = await app.request('POST', '/store/namespaces', search)
  expect(status).toBe(200)
  return (body as { namespaces: unknown }).namespaces
}

describe('one item', () => {
  it('is put, read, replaced and deleted', async () => {
    const item = { namespace: ['users', 'a'], key: 'k', value: { n: 1, deep: { list: [null, 'x'] } } }
    expect(await app.request('PUT', '/store/items', { ...item, index: null, ttl: null })).toEqual({
      status: 204,
      body: '',
    })
    const first = await get('namespace=users.a&key=k')
    const at = '2026-01-01T00:00:00.000Z'
    expect(first).toEqual({ ...item, created_at: at, updated_at: at })
    await app.put(['users', 'a'], 'k', { n: 2 }, { index: false })
    await app.put(['users', 'a'], 'k', { n: 3 }, { index: ['n'] })
    expect(await get('namespace=users.a&key=k')).toMatchObject({
      value: { n: 3 },
      created_at: at,
      updated_at: '2026-01-01T00:00:00.002Z',
    })
    const gone = { namespace: ['users', 'a'], key: 'k' }
    expect(await app.request('DELETE', '/store/items', gone)).toEqual({ status: 204, body: '' })
    expect(await app.request('DELETE', '/store/items', gone)).toEqual({ status: 204, body: '' })
    expect(await get('namespace=users.a&key=k')).toBeNull()
  })

  it('is read in both dialects: dots between the labels, or the parameter repeated', async () => {
    await app.put(['a', 'b', 'c'], 'k', { n: 1 })
    for (const query of ['namespace=a.b.c', 'namespace=a&namespace=b&namespace=c', 'namespace=a.b&namespace=c']) {
      expect(await get(`${query}&key=k&refresh_ttl=`)).toMatchObject({ namespace: ['a', 'b', 'c'], value: { n: 1 } })
    }
    expect(await get('key=k')).toBeNull()
    expect(await get('namespace=&key=k')).toBeNull()
    expect(await get('namespace=a.b&key=k')).toBeNull()
  })

  it('keeps any names and values: prototypes, wildcards, quotes, what PostgreSQL cannot hold', async () => {
    const odd = ['__proto__', 'constructor', '', '%_*\\', `'"; --`, 'é漢🙂', 'nul\u0000', 'lone\ud800']
    for (const [n, key] of odd.entries()) {
      await app.put(['__proto__', key || '-'], key, { n: -1 })
      await app.store.put([{ namespace: ['__proto__', key || '-'], key, value: { n, [key]: key } }])
    }
    for (const [n, key] of odd.entries()) {
      const [item] = await app.store.get([{ namespace: ['__proto__', key || '-'], key }])
      expect(item?.value['n']).toBe(n)
      expect(item?.key).toBe(key.toWellFormed().replace('\u0000', '\uFFFD'))
    }
    expect(await namespaces({ prefix: ['__proto__'] })).toHaveLength(odd.length)
    expect(await app.keys({ filter: { 'nul\u0000': 'nul\u0000' } })).toEqual(['nul\uFFFD'])
  })

  it.each([
    [{ key: 'k', value: {} }, 400, 'Namespace is required'],
    [{ namespace: [], key: 'k', value: {} }, 400, 'Namespace is required'],
    [{ namespace: null, key: 'k', value: {} }, 400, 'Namespace is required'],
    [
      { namespace: ['a', ''], key: 'k', value: {} },
      422,
      'Namespace labels cannot be empty or contain periods. Received: a.',
    ],
    [
      { namespace: ['a.b', 'c'], key: 'k', value: {} },
      422,
      'Namespace labels cannot be empty or contain periods. Received: a.b.c',
    ],
    [{ namespace: ['a'], value: {} }, 422, 'key: must be a string'],
    [{ namespace: ['a'], key: 3, value: {} }, 422, 'key: must be a string'],
    [{ namespace: ['a'], key: 'k' }, 422, 'value: must be an object'],
    [{ namespace: ['a'], key: 'k', value: [] }, 422, 'value: must be an object'],
    [{ namespace: ['a'], key: 'k', value: null }, 422, 'value: must be an object'],
    [{ namespace: [3], key: 'k', value: {} }, 422, 'namespace: each value in namespace must be a string'],
    [{ namespace: 'a', key: 'k', value: {} }, 422, 'namespace: must be an array'],
    [{ namespace: ['a'], key: 'k', value: {}, ttl: 0 }, 422, 'ttl: must be a positive number'],
    [{ namespace: ['a'], key: 'k', value: {}, ttl: 1e99 }, 422, 'ttl: must not be greater than 52560000'],
    [
      { namespace: ['a'], key: 'k', value: {}, index: true },
      422,
      'index: must be false or a list of at most 100 paths',
    ],
    [{ namespace: ['a'], key: 'é'.repeat(513), value: {} }, 422, 'key: must not exceed 1024 bytes'],
    [{ namespace: Array(513).fill('a'), key: 'k', value: {} }, 422, 'namespace: must not exceed 1024 bytes'],
  ])('refuses the put %j', async (body, status, detail) => {
    expect(await app.request('PUT', '/store/items', body)).toEqual({ status, body: { detail } })
    expect(await app.keys({})).toEqual([])
  })

  it('refuses reads and deletes by names that cannot be', async () => {
    const invalid = 'Namespace labels cannot be empty or contain periods. Received: a..b'
    expect(await app.request('GET', '/store/items?namespace=a..b&key=k')).toEqual({
      status: 422,
      body: { detail: invalid },
    })
    expect(await app.request('GET', '/store/items?namespace=a')).toEqual({
      status: 422,
      body: { detail: 'key: must be a string' },
    })
    expect(await app.request('GET', '/store/items?namespace=a&key=k&refresh_ttl=maybe')).toMatchObject({ status: 422 })
    expect(await app.request('DELETE', '/store/items', { namespace: ['a', '', 'b'], key: 'k' })).toEqual({
      status: 422,
      body: { detail: invalid },
    })
    expect(await app.request('DELETE', '/store/items', { key: 'k' })).toEqual({ status: 204, body: '' })
    expect(await app.request('POST', '/store/items/search', { namespace_prefix: ['a', '', 'b'] })).toEqual({
      status: 422,
      body: { detail: invalid },
    })
  })

  it('takes what is as long as it may be', async () => {
    const labels = Array<string>(512).fill('a')
    const key = Array.from({ length: 1024 }, (_, n) => String.fromCharCode(33 + ((n * 7919) % 90))).join('')
    await app.put(labels, key, { n: 1 })
    expect(await app.store.get([{ namespace: labels, key }])).toMatchObject([{ value: { n: 1 } }])
    expect(await namespaces({ max_depth: 300 })).toEqual([labels.slice(0, 300)])
    expect(await namespaces({ prefix: Array(512).fill('*') })).toEqual([labels])
  })

  it('is kept as one of the values that were put at once, without an error', async () => {
    const writes = Array.from({ length: 40 }, (_, n) =>
      n % 10 === 9
        ? app.store.put([
            { namespace: ['race'], key: 'b', value: { n } },
            { namespace: ['race'], key: 'a', value: n === 39 ? { n } : null },
          ])
        : app.put(['race'], n % 2 ? 'a' : 'b', { n }),
    )
    await Promise.all(writes)
    await app.put(['race'], 'a', { n: 'last' })
    expect(await get('namespace=race&key=a')).toMatchObject({ value: { n: 'last' } })
  })
})

describe('a search', () => {
  beforeEach(async () => {
    const values = { one: { n: 1, kind: 'x', at: '2026-01-01' }, ten: { n: 10, kind: 'y', at: '2026-02-01' } }
    await app.put(['docs', 'a'], 'one', values.one)
    await app.clock.advance(1000)
    await app.put(['docs', 'b'], 'ten', values.ten)
    await app.clock.advance(1000)
    await app.put(['docs-more'], 'text', { n: '7', kind: null, obj: { a: 1, b: 2 }, __x__: true })
  })

  it('finds the latest changes first, under a prefix of whole labels', async () => {
    const { body } = await app.request('POST', '/store/items/search', { namespace_prefix: ['docs'], query: null })
    expect(body).toMatchObject({ items: [{ key: 'ten', namespace: ['docs', 'b'] }, { key: 'one' }] })
    expect(body).not.toHaveProperty('items.0.score')
    expect(await app.keys({ namespace_prefix: ['docs', 'a'] })).toEqual(['one'])
    expect(await app.keys({ namespace_prefix: ['doc'] })).toEqual([])
  })

  it.each([[{}], [{ namespace_prefix: null }], [{ namespace_prefix: [], filter: {}, limit: null, query: '' }]])(
    'finds everything with %j',
    async (search) => {
      expect(await app.keys(search)).toEqual(['text', 'ten', 'one'])
    },
  )

  it('breaks ties by namespace and key, and pages', async () => {
    for (const key of ['c', 'a', 'b']) await app.put(['tie'], key, {})
    expect(await app.keys({ namespace_prefix: ['tie'] })).toEqual(['a', 'b', 'c'])
    expect(await app.keys({ namespace_prefix: ['tie'], limit: 2, offset: 1 })).toEqual(['b', 'c'])
    expect(await app.keys({ limit: 1, offset: 5 })).toEqual(['one'])
  })

  it.each([
    [{ kind: 'x' }, ['one']],
    [{ kind: null }, ['text']],
    [{ kind: { $eq: 'y' } }, ['ten']],
    [{ kind: { $ne: 'x' } }, ['text', 'ten']],
    [{ missing: { $ne: 1 } }, ['text', 'ten', 'one']],
    [{ missing: null }, []],
    [{ n: 1.0 }, ['one']],
    [{ n: '1' }, []],
    [{ n: { $gt: 1 } }, ['text', 'ten']],
    [{ n: { $gte: 1 } }, ['text', 'ten', 'one']],
    [{ n: { $lt: 8 } }, ['text', 'one']],
    [{ n: { $lte: 1, $gt: 0 } }, ['one']],
    [{ n: { $gt: '6' } }, ['text', 'ten']],
    [{ at: { $gt: '2026-01-15' } }, ['ten']],
    [{ at: { $gt: 5 } }, []],
    [{ kind: { $gt: null } }, []],
    [{ n: { $gt: 1 }, kind: 'y' }, ['ten']],
    [{ obj: { a: 1, b: 2 } }, ['text']],
    [{ obj: { a: 1 } }, []],
    [{ obj: { $gt: 1, a: 1 } }, []],
    [{ obj: {} }, []],
    [{ 'obj.a': 1 }, []],
    [{ __x__: true }, ['text']],
    [{ "n' OR TRUE --": 1 }, []],
  ])('filters by %j', async (filter, keys) => {
    expect(await app.keys({ filter })).toEqual(keys)
  })

  it('leaves a query out of account where nothing is indexed', async () => {
    const { body } = await app.request('POST', '/store/items/search', { query: 'anything', limit: 1 })
    expect(body).toMatchObject({ items: [{ key: 'text', score: null }] })
  })

  it.each([
    [{ limit: 0 }, 'limit: must not be less than 1'],
    [{ limit: 1001 }, 'limit: must not be greater than 1000'],
    [{ offset: -1 }, 'offset: must not be less than 0'],
    [{ filter: [] }, 'filter: must be an object'],
    [
      { filter: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, { $gt: 0, $lt: i }])) },
      'filter: must have at most 100 comparisons',
    ],
    [{ query: 3 }, 'query: must be a string'],
    [{ refresh_ttl: 'yes' }, 'refresh_ttl: must be a boolean value'],
    [{ namespace_prefix: 'a' }, 'namespace_prefix: must be an array'],
  ])('refuses %j', async (search, detail) => {
    expect(await app.request('POST', '/store/items/search', search)).toEqual({ status: 422, body: { detail } })
  })
})

describe('the list of namespaces', () => {
  const all = [['a'], ['a', 'b', 'c'], ['a', 'b', 'd'], ['a', 'x'], ['a-b', 'c'], ['users', 'u1', 'prefs'], ['w*', '1']]

  beforeEach(async () => {
    await app.store.put(all.flatMap((namespace) => ['k1', 'k2'].map((key) => ({ namespace, key, value: {} }))))
  })

  it('is empty where nothing is', async () => {
    await app.db.database.query('DELETE FROM store_items')
    expect(await namespaces({})).toEqual([])
  })

  it.each([
    [{}, [['a-b', 'c'], ...all.filter(([first]) => first !== 'a-b')]],
    [{ prefix: null, suffix: null, max_depth: null, limit: 2, offset: 2 }, [all[1], all[2]]],
    [{ prefix: ['a'] }, all.slice(0, 4)],
    [{ prefix: ['a', 'b'] }, all.slice(1, 3)],
    [{ prefix: ['*', 'b'] }, all.slice(1, 3)],
    [{ prefix: ['a', '*', 'd'] }, [all[2]]],
    [{ suffix: ['c'] }, [['a-b', 'c'], all[1]]],
    [{ suffix: ['u1', '*'] }, [all[5]]],
    [{ suffix: ['*', '*', '*', '*'] }, []],
    [{ prefix: ['a'], suffix: ['x'] }, [['a', 'x']]],
    [{ max_depth: 1 }, [['a-b'], ['a'], ['users'], ['w*']]],
    [{ prefix: ['a'], max_depth: 2 }, [['a'], ['a', 'b'], ['a', 'x']]],
    [{ suffix: ['d'], max_depth: 2 }, [['a', 'b']]],
    [{ max_depth: 1, limit: 1, offset: 1 }, [['a']]],
    [{ max_depth: 9, limit: 1 }, [['a-b', 'c']]],
    [{ prefix: ['.*'.slice(1)], suffix: ['1'] }, [['w*', '1']]],
  ])('answers %j', async (search, expected) => {
    expect(await namespaces(search)).toEqual(expected)
  })

  it('does not take a label for a pattern', async () => {
    await app.put(['^a$|[b](c)\\d{1}', 'x\n'], 'k', {})
    expect(await namespaces({ prefix: ['^a$|[b](c)\\d{1}'], suffix: ['x\n'] })).toHaveLength(1)
    expect(await namespaces({ suffix: ['x|y'] })).toEqual([])
  })

  it.each([
    [{ prefix: ['a.b'] }, 'Namespace labels cannot be empty or contain periods. Received: a.b'],
    [{ suffix: [''] }, 'Namespace labels cannot be empty or contain periods. Received: '],
    [{ max_depth: 0 }, 'max_depth: must not be less than 1'],
    [{ limit: 1001 }, 'limit: must not be greater than 1000'],
    [{ prefix: 'a' }, 'prefix: must be an array'],
  ])('refuses %j', async (search, detail) => {
    expect(await app.request('POST', '/store/namespaces', search)).toEqual({ status: 422, body: { detail } })
  })
})
