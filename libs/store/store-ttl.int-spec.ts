import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStoreApp, type StoreApp } from './store-app.spec.support.js'

const MINUTE = 60_000

async function rows(app: StoreApp): Promise<number> {
  return (await app.db.database.query('SELECT 1 FROM store_items')).rows.length
}

async function isThere(app: StoreApp, refresh = ''): Promise<boolean> {
  return (await app.request('GET', `/store/items?namespace=n&key=k&refresh_ttl=${refresh}`)).body !== null
}

describe('the lifetime of an item', () => {
  let app: StoreApp
  beforeAll(async () => {
    app = await openStoreApp()
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    await app.db.database.query('DELETE FROM store_items')
    await app.put(['n'], 'k', { n: 1 }, { ttl: 1.5 })
  })

  it('hides the item at once when it ends, everywhere', async () => {
    await app.clock.advance(1.5 * MINUTE - 1)
    expect(await isThere(app, 'false')).toBe(true)
    expect(await app.keys({ refresh_ttl: false })).toEqual(['k'])
    await app.clock.advance(1)
    expect(await isThere(app)).toBe(false)
    expect(await app.keys({ filter: { n: 1 } })).toEqual([])
    expect((await app.request('POST', '/store/namespaces', {})).body).toEqual({ namespaces: [] })
    expect(await rows(app)).toBe(1)
  })

  it.each([['true'], ['']])('begins anew with a read that says %j', async (refresh) => {
    await app.clock.advance(MINUTE)
    expect(await isThere(app, refresh)).toBe(true)
    await app.clock.advance(MINUTE)
    expect(await isThere(app, 'false')).toBe(true)
    await app.clock.advance(0.5 * MINUTE)
    expect(await isThere(app, 'false')).toBe(false)
  })

  it('begins anew with a search that finds the item, unless that says no', async () => {
    await app.clock.advance(MINUTE)
    expect(await app.keys({ refresh_ttl: true })).toEqual(['k'])
    await app.clock.advance(MINUTE)
    expect(await app.keys({ refresh_ttl: false })).toEqual(['k'])
    await app.clock.advance(MINUTE)
    expect(await app.keys({})).toEqual([])
  })

  it('is gone with a put that names none, and such an item stays', async () => {
    await app.put(['n'], 'k', { n: 2 })
    await app.clock.advance(1e6 * MINUTE)
    expect(await isThere(app)).toBe(true)
  })

  it('makes an item that is put after its end a new one', async () => {
    await app.clock.advance(2 * MINUTE)
    await app.put(['n'], 'k', { n: 2 })
    const now = app.clock.now().toISOString()
    const { body } = await app.request('GET', '/store/items?namespace=n&key=k')
    expect(body).toMatchObject({ created_at: now, updated_at: now })
  })

  it('ends with the row, once the sweep comes by, and leaves the living', async () => {
    await app.put(['n'], 'longer', {}, { ttl: 5 })
    await app.put(['n'], 'for ever', {})
    await app.db.database.query(
      `INSERT INTO store_items SELECT 'bulk.', n::text, '{}', 1, $1::timestamptz, $1, $1 FROM generate_series(1, 2500) n`,
      [app.clock.now()],
    )
    await app.clock.advance(2 * MINUTE)
    await Promise.all([app.sweeper.sweep(), app.sweeper.sweep()])
    expect(await rows(app)).toBe(2)
    expect(await app.keys({})).toEqual(['for ever', 'longer'])
  })
})

describe('the configured lifetime', () => {
  let app: StoreApp
  afterEach(() => app.close())

  it('holds for clients and for nodes, and is not refreshed where that is off', async () => {
    app = await openStoreApp({ defaultTtlMinutes: 2, refreshOnRead: false })
    await app.put(['n'], 'k', {}, { ttl: null })
    await app.put(['n'], 'own', {}, { ttl: 4 })
    await app.graphStore.store?.put(['n'], 'node', {})
    await app.clock.advance(MINUTE)
    expect(await app.keys({})).toHaveLength(3)
    expect(await isThere(app)).toBe(true)
    await app.clock.advance(MINUTE)
    expect(await app.keys({ refresh_ttl: true })).toEqual(['own'])
    await app.clock.advance(3 * MINUTE)
    expect(await app.keys({})).toEqual(['own'])
  })

  it('is swept by the scheduler, which a failing database does not end', async () => {
    app = await openStoreApp({ sweepIntervalMinutes: 3 })
    app.sweeper.start()
    app.sweeper.start()
    await app.db.database.query('ALTER TABLE store_items RENAME TO store_items_away')
    await app.sweeper.sweep()
    expect(app.logged.at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringContaining('could not be removed'),
    })
    await app.db.database.query('ALTER TABLE store_items_away RENAME TO store_items')
    await app.put(['n'], 'k', {}, { ttl: 1 })
    await app.clock.advance(2 * MINUTE)
    await app.sweeper.sweep()
    expect(await rows(app)).toBe(0)
  })
})
