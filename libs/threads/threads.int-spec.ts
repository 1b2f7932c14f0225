import 'reflect-metadata'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isUuid, newId } from '#kernel'
import { openThreadsApp, type ThreadsApp } from './threads-app.spec.support.js'

let app: ThreadsApp

beforeAll(async () => {
  app = await openThreadsApp()
})

afterAll(() => app.close())

beforeEach(async () => {
  await app.db.database.query('DELETE FROM threads')
})

async function search(payload: object): Promise<string[]> {
  const { status, body } = await app.request('POST', '/threads/search', payload)
  expect(status).toBe(200)
  return (body as { thread_id: string }[]).map((thread) => thread.thread_id)
}

describe('POST /threads', () => {
  it('makes an idle thread with exactly the metadata that was sent', async () => {
    const { status, body } = await app.request('POST', '/threads', { metadata: { owner: 'ann' } })
    expect(status).toBe(200)
    expect(body).toEqual({
      thread_id: expect.toSatisfy(isUuid) as string,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      state_updated_at: '2026-01-01T00:00:00.000Z',
      metadata: { owner: 'ann' },
      status: 'idle',
      config: {},
      values: null,
      interrupts: {},
      error: null,
    })
    const { thread_id } = body as { thread_id: string }
    expect(await app.request('GET', `/threads/${thread_id}`)).toEqual({ status: 200, body, headers: expect.anything() })
  })

  it('takes no body, an empty one, and null for every field', async () => {
    for (const payload of [undefined, {}, { thread_id: null, metadata: null, if_exists: null, ttl: null }]) {
      expect((await app.request('POST', '/threads', payload)).status).toBe(200)
    }
  })

  it('stores and finds the deepest metadata that the edge lets in', async () => {
    const metadata = JSON.parse(`{"a":${'['.repeat(498)}1${']'.repeat(498)}}`) as object
    const { status, body } = await app.request('POST', '/threads', { metadata })
    expect(status).toBe(200)
    expect(await search({ metadata })).toEqual([(body as { thread_id: string }).thread_id])
  })

  it('refuses a taken id, or returns its thread untouched', async () => {
    const thread_id = newId()
    const first = await app.request('POST', '/threads', { thread_id, metadata: { a: 1 } })
    const again = await app.request('POST', '/threads', { thread_id, metadata: { a: 2 } })
    expect([again.status, again.body]).toEqual([409, { detail: 'Thread already exists' }])
    const kept = await app.request('POST', '/threads', { thread_id, metadata: { a: 2 }, if_exists: 'do_nothing' })
    expect([kept.status, kept.body]).toEqual([200, first.body])
  })

  it('makes one thread when many ask for the same id at once', async () => {
    const thread_id = newId()
    const answers = await Promise.all(Array.from({ length: 8 }, () => app.request('POST', '/threads', { thread_id })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
  })
})

describe('POST /threads with a bad body', () => {
  it.each([
    [{ thread_id: 'mine' }, 'Invalid thread ID: must be a UUID'],
    [{ thread_id: 3 }, 'thread_id: must be a string'],
    [{ metadata: ['a'] }, 'metadata: must be an object'],
    [{ if_exists: 'replace' }, 'if_exists: must be one of the following values: raise, do_nothing'],
    [{ supersteps: Array.from({ length: 1001 }, () => ({})) }, 'supersteps: must contain no more than 1000 elements'],
    [{ supersteps: {} }, 'supersteps: must be an array'],
    [{ supersteps: [1] }, 'supersteps[0]: must be an object'],
    [{ supersteps: [{ updates: [] }] }, 'supersteps[0].updates: must contain at least 1 elements'],
    [
      { supersteps: [{ updates: [{}, { values: 'x' }] }] },
      'supersteps[0].updates[1].values: must be an object, a list of objects or null',
    ],
    [
      { supersteps: [{ updates: [{ command: { goto: 3 } }] }] },
      'supersteps[0].updates[0].command.goto: must be a node, {node, input}, or a list of these',
    ],
    [
      { supersteps: [{ updates: [{ command: { update: [['a']] } }] }] },
      'supersteps[0].updates[0].command.update: must be an object or a list of [key, value]',
    ],
    [{ ttl: 0 }, 'ttl: must be a number of minutes above 0, at most 52560000'],
    [{ ttl: 'x' }, 'ttl: must be a number of minutes above 0, at most 52560000'],
    [{ ttl: { strategy: 'delete' } }, 'ttl.ttl: must be a number of minutes above 0, at most 52560000'],
    [{ ttl: { ttl: 1e9 } }, 'ttl.ttl: must be a number of minutes above 0, at most 52560000'],
    [{ ttl: { ttl: 1, strategy: 'x' } }, 'ttl.strategy: must be one of the following values: delete, keep_latest'],
  ])('refuses %j and stores nothing', async (payload, detail) => {
    const { status, body } = await app.request('POST', '/threads', payload)
    expect([status, body]).toEqual([422, { detail }])
    expect((await app.request('POST', '/threads/count', {})).body).toBe(0)
  })
})

describe('GET /threads/{thread_id}', () => {
  it('answers 404 for an unknown id and 422 for a malformed one', async () => {
    const id = newId()
    const unknown = await app.request('GET', `/threads/${id}`)
    expect([unknown.status, unknown.body]).toEqual([404, { detail: `Thread with ID ${id} not found` }])
    const malformed = await app.request('GET', '/threads/undefined')
    expect([malformed.status, malformed.body]).toEqual([422, { detail: 'Invalid thread ID: must be a UUID' }])
  })

  it('reads a temporary thread by id, and shows nothing secret of its config', async () => {
    const config = { __a: 1, configurable: { langgraph_auth_user: {}, authorization: 's', max_tokens: 3 } }
    const id = await app.insert({ temporary: true, config })
    const { status, body } = await app.request('GET', `/threads/${id}`)
    expect([status, (body as { config: object }).config]).toEqual([200, { configurable: { max_tokens: 3 } }])
  })
})

describe('PATCH /threads/{thread_id}', () => {
  it('merges the metadata key by key', async () => {
    const id = await app.insert({ metadata: { a: { x: 1 }, b: 2 } })
    const { status, body } = await app.request('PATCH', `/threads/${id}`, { metadata: { a: { y: 1 }, c: 3 } })
    expect(status).toBe(200)
    expect(body).toMatchObject({ thread_id: id, metadata: { a: { y: 1 }, b: 2, c: 3 } })
  })

  it('answers 204 without a body to Prefer: return=minimal', async () => {
    const id = await app.insert({})
    const answer = await app.request('PATCH', `/threads/${id}`, { metadata: { a: 1 } }, { prefer: 'return=minimal' })
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect((await app.request('GET', `/threads/${id}`)).body).toMatchObject({ metadata: { a: 1 } })
  })

  it('answers 404 for an unknown thread, with the text of its own', async () => {
    const { status, body } = await app.request('PATCH', `/threads/${newId()}`, { metadata: {} })
    expect([status, body]).toEqual([404, { detail: 'Thread not found' }])
  })
})

describe('POST /threads/search', () => {
  it('filters by metadata, values, status and ids', async () => {
    const red = await app.insert({ metadata: { team: { name: 'red', size: 3 } } }, '{"step":1,"list":["a","b"]}')
    const blue = await app.insert({ metadata: { team: { name: 'blue' } }, status: 'busy' })
    expect(await search({ metadata: { team: { name: 'red' } } })).toEqual([red])
    expect(await search({ values: { list: ['b'] } })).toEqual([red])
    expect(await search({ values: { list: ['c'] } })).toEqual([])
    expect(await search({ status: 'busy' })).toEqual([blue])
    expect(await search({ ids: [blue.toUpperCase(), newId()] })).toEqual([blue])
    expect((await search({ ids: [], metadata: {}, values: {} })).sort()).toEqual([red, blue].sort())
    expect((await app.request('POST', '/threads/count', { values: { step: 1 } })).body).toBe(1)
  })

  it('hides temporary threads', async () => {
    const id = await app.insert({ temporary: true })
    expect(await search({ ids: [id] })).toEqual([])
    expect((await app.request('POST', '/threads/count', {})).body).toBe(0)
  })

  it('sorts newest first unless told, ties by id', async () => {
    const tied = [await app.insert({}), await app.insert({}), await app.insert({})].sort()
    const newest = await app.insert({ now: new Date('2026-03-01'), status: 'busy' })
    expect(await search({})).toEqual([newest, ...tied])
    expect(await search({ sort_by: 'status', sort_order: 'asc' })).toEqual([newest, ...tied])
    expect(await search({ sort_by: 'state_updated_at', sort_order: 'asc' })).toEqual([...tied, newest])
  })
})

describe('the answer of POST /threads/search', () => {
  it('pages with the true total', async () => {
    for (let made = 0; made < 3; made += 1) await app.insert({})
    const first = await app.request('POST', '/threads/search', { limit: 2 })
    expect(first.headers).toMatchObject({ 'x-pagination-next': '2', 'x-pagination-total': '3' })
    const last = await app.request('POST', '/threads/search', { limit: 2, offset: 2 })
    expect([last.headers['x-pagination-next'], last.headers['x-pagination-total']]).toEqual([undefined, '3'])
  })

  it('selects and extracts', async () => {
    await app.insert({ metadata: { owner: 'ann' } }, '{"messages":[{"content":"a"},{"content":"b"}]}')
    const extract = { last: 'values.messages[-1].content', none: 'values.missing' }
    const { body } = await app.request('POST', '/threads/search', { select: ['metadata'], extract })
    expect(body).toEqual([{ metadata: { owner: 'ann' }, extracted: { last: 'b', none: null } }])
  })

  it.each([
    [{ ids: ['x'] }, 'Invalid thread ID: must be a UUID'],
    [{ ids: 'x' }, 'ids: must be an array'],
    [{ status: 'done' }, 'status: must be one of the following values: idle, busy, interrupted, error'],
    [{ limit: 0 }, 'limit: must not be less than 1'],
    [{ sort_by: 'metadata' }, 'sort_by: must be one of'],
    [{ select: ['temporary'] }, 'select: each value in select must be one of'],
    [{ extract: { a: 'config' + '.a'.repeat(300) } }, 'extract.a: must be a path'],
  ])('refuses %j', async (payload, detail) => {
    const { status, body } = await app.request('POST', '/threads/search', payload)
    expect(status).toBe(422)
    expect((body as { detail: string }).detail).toContain(detail)
  })
})

describe('POST /threads/count', () => {
  it('answers a bare integer as JSON', async () => {
    const { headers, body } = await app.request('POST', '/threads/count', {})
    expect(headers['content-type']).toContain('application/json')
    expect(body).toBe(0)
  })
})
