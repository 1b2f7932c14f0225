import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ThreadState } from '#graphs'
import { newId } from '#kernel'
import { twoSteps } from './graphs.spec.support.js'
import { openThreadsApp, type ThreadsApp } from './threads-app.spec.support.js'

let app: ThreadsApp
let threadId: string
let all: ThreadState[]

beforeAll(async () => {
  app = await openThreadsApp({ graphs: { two: twoSteps } })
  const superstep = (as_node: string, values: object) => ({ updates: [{ as_node, values }] })
  const supersteps = [
    superstep('__input__', { log: ['in'] }),
    superstep('__start__', { log: ['in'] }),
    superstep('one', { log: ['one'] }),
    superstep('two', { log: ['two'] }),
  ]
  const created = await app.request('POST', '/threads', { metadata: { graph_id: 'two' }, supersteps })
  threadId = (created.body as { thread_id: string }).thread_id
  all = (await app.request('GET', `/threads/${threadId}/history`)).body as ThreadState[]
})

afterAll(() => app.close())

const search = async (payload: object) => {
  const { status, body } = await app.request('POST', `/threads/${threadId}/history`, payload)
  expect(status).toBe(200)
  return body
}

describe('/threads/{thread_id}/history', () => {
  it('gives states newest first, down to the one whose input waits', () => {
    expect(all.map(({ next }) => next)).toEqual([[], ['two'], ['one'], ['__start__']])
  })

  it('takes limit and before, by GET and by POST', async () => {
    const id = all[0]?.checkpoint?.checkpoint_id
    const byGet = await app.request('GET', `/threads/${threadId}/history?limit=2&before=${id}`)
    expect(byGet.body).toEqual(all.slice(1, 3))
    for (const before of [id, all[0]?.checkpoint, { configurable: { checkpoint_id: id } }]) {
      expect(await search({ limit: 2, before })).toEqual(all.slice(1, 3))
    }
    expect(await search({ before: null, metadata: null, checkpoint: null })).toEqual(all)
  })

  it('filters by metadata, and selects', async () => {
    expect(await search({ metadata: { source: 'input' } })).toEqual(all.slice(3))
    expect(await search({ metadata: { source: 'input', step: 5 } })).toEqual([])
    expect(await search({ limit: 1, select: ['values.log'] })).toEqual([{ values: all[0]?.values }])
    const byGet = await app.request('GET', `/threads/${threadId}/history?limit=1&select=next`)
    expect(byGet.body).toEqual([{ next: [] }])
  })

  it('reads another namespace, or one checkpoint', async () => {
    expect(await search({ checkpoint: { checkpoint_ns: 'inner:1' } })).toEqual([])
    const checkpoint = { checkpoint_id: all[2]?.checkpoint?.checkpoint_id }
    expect(await search({ checkpoint })).toEqual(all.slice(2, 3))
  })

  it('is empty without a graph, and 404 without a thread', async () => {
    expect((await app.request('GET', `/threads/${await app.insert({})}/history`)).body).toEqual([])
    const id = newId()
    const { status, body } = await app.request('POST', `/threads/${id}/history`, {})
    expect([status, body]).toEqual([404, { detail: `Thread with ID ${id} not found` }])
  })

  it.each([
    [{ limit: 0 }, 'limit: must not be less than 1'],
    [{ limit: 1001 }, 'limit: must not be greater than 1000'],
    [{ before: 'x' }, 'Invalid checkpoint ID: must be a UUID'],
    [{ before: {} }, 'before: must be a checkpoint, its id, or a config that names one'],
    [{ before: { configurable: 3 } }, 'before: must be a checkpoint, its id, or a config that names one'],
    [{ metadata: [] }, 'metadata: must be an object'],
    [{ checkpoint: 'x' }, 'checkpoint: must be an object'],
    [{ select: ['x'] }, 'select: unknown field "x"'],
  ])('refuses %j', async (payload, detail) => {
    const { status, body } = await app.request('POST', `/threads/${threadId}/history`, payload)
    expect([status, (body as { detail: string }).detail]).toEqual([422, expect.stringContaining(detail)])
  })
})
