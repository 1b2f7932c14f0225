import 'reflect-metadata'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Authorization } from '#auth'
import type { JsonObject } from '#kernel'
import { openStoreApp, type StoreApp } from './store-app.spec.support.js'

let app: StoreApp
beforeAll(async () => {
  app = await openStoreApp()
})
afterAll(() => app.close())
beforeEach(() => app.db.database.query('DELETE FROM store_items'))
afterEach(() => void vi.restoreAllMocks())

/** From now on a handler puts this into whatever it is asked about. */
function handlerPuts(changes: JsonObject): void {
  vi.spyOn(Authorization.prototype, 'ask').mockImplementation((_event, value) => {
    Object.assign(value, changes)
    return Promise.resolve(null)
  })
}

const NOTE = { namespace: ['notes'], key: 'one', value: { text: 'tea' } }

describe('what a handler leaves of a call', () => {
  it('is the value that is stored', async () => {
    handlerPuts({ value: { text: 'tea', owner: 'ann' } })
    await app.put(['notes'], 'one', NOTE.value)
    vi.restoreAllMocks()
    const { body } = await app.request('GET', '/store/items?namespace=notes&key=one')
    expect(body).toMatchObject({ value: { text: 'tea', owner: 'ann' } })
  })

  it('is the filter of a search', async () => {
    await app.put(['notes'], 'hers', { owner: 'ann' })
    await app.put(['notes'], 'his', { owner: 'bob' })
    handlerPuts({ filter: { owner: 'ann' } })
    expect(await app.keys({ namespace_prefix: ['notes'], filter: { owner: 'bob' } })).toEqual(['hers'])
    expect(await app.keys({ namespace_prefix: [] })).toEqual(['hers'])
  })

  it('is the end of the namespaces that are listed', async () => {
    await app.put(['notes', 'ann'], 'one', {})
    await app.put(['notes', 'bob'], 'one', {})
    handlerPuts({ suffix: ['ann'] })
    const { body } = await app.request('POST', '/store/namespaces', { suffix: ['bob'] })
    expect(body).toEqual({ namespaces: [['notes', 'ann']] })
  })

  it.each([
    [{ namespace: 'notes' }, 'namespace: must be a list of strings'],
    [{ namespace: ['notes', 1] }, 'namespace: must be a list of strings'],
    [{ key: 1 }, 'key: must be a string'],
    [{ value: 'tea' }, 'value: must be an object'],
  ])('is refused where it cannot be used: %j', async (left, detail) => {
    handlerPuts(left)
    expect(await app.request('PUT', '/store/items', NOTE)).toEqual({ status: 422, body: { detail } })
    vi.restoreAllMocks()
    expect(await app.keys({})).toEqual([])
  })
})
