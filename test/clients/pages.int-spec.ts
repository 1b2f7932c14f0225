import 'reflect-metadata'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Ground } from './ground.js'

const ROWS = 25
const LIMIT = 4

let ground: Ground

beforeAll(async () => {
  ground = await Ground.start()
})
afterAll(() => ground.stop())

interface Page {
  readonly ids: readonly string[]
  readonly total: string | null
  readonly next: string | null
}

/** One page of a search by POST: the field `id` of its rows, and the headers. */
async function pageOf(path: string, id: string, body: Record<string, unknown>): Promise<Page> {
  const segments = path.split('/').slice(1)
  const { status, headers, body: answered } = await ground.python.call('POST', segments, { json: body })
  expect(status, JSON.stringify(answered)).toBe(200)
  const rows = answered as Record<string, string>[]
  return {
    ids: rows.map((row) => row[id] ?? ''),
    total: headers.get('x-pagination-total'),
    next: headers.get('x-pagination-next'),
  }
}

/** Follows `X-Pagination-Next` to the end. */
async function walk(path: string, id: string, body: Record<string, unknown>, between: () => Promise<void>) {
  const pages: Page[] = []
  for (let offset: string | null = '0'; offset !== null; offset = pages.at(-1)?.next ?? null) {
    if (pages.length > 0) await between()
    pages.push(await pageOf(path, id, { ...body, limit: LIMIT, offset: Number(offset) }))
    if (pages.length > ROWS) throw new Error('the pages have no end')
  }
  return pages
}

/** Every row once; every page but the last full; headers that fit, with `added` new rows before each later page. */
function expectWhole(pages: readonly Page[], ids: readonly string[], added: number): void {
  const seen = pages.flatMap((page) => page.ids)
  expect(new Set(seen).size).toBe(seen.length)
  expect(ids.filter((id) => !seen.includes(id))).toEqual([])
  pages.forEach(({ total, next, ids: onPage }, index) => {
    const all = ROWS + index * added
    const end = (index + 1) * LIMIT
    expect([total, next], `page ${index}`).toEqual([String(all), end < all ? String(end) : null])
    expect(onPage).toHaveLength(Math.min(LIMIT, all - index * LIMIT))
  })
}

/** Twenty-five rows made by `create` with one tag. */
async function makeRows(
  create: (tag: string, index: number) => Promise<string>,
): Promise<{ tag: string; ids: string[] }> {
  const tag = crypto.randomUUID()
  const ids: string[] = []
  for (let index = 0; index < ROWS; index += 1) ids.push(await create(tag, index))
  return { tag, ids }
}

const newThread = async (tag: string) => (await ground.client.threads.create({ metadata: { tag } })).thread_id
const newAssistant = async (tag: string) => {
  return (await ground.client.assistants.create({ graphId: 'echo', name: 'same', metadata: { tag } })).assistant_id
}

describe('pages of a search', () => {
  it.each(['asc', 'desc'])('of threads whose status ties are whole and stable: %s', async (sort_order) => {
    const { tag, ids } = await makeRows(newThread)
    const body = { metadata: { tag }, sort_by: 'status', sort_order, select: ['thread_id'] }
    const pages = await walk('/threads/search', 'thread_id', body, () => Promise.resolve())
    expectWhole(pages, ids, 0)
    const again = await walk('/threads/search', 'thread_id', body, () => Promise.resolve())
    expect(again).toEqual(pages)
  })

  it('of threads, oldest first, are whole while rows come in behind', async () => {
    const { tag, ids } = await makeRows(newThread)
    const body = { metadata: { tag }, sort_by: 'created_at', sort_order: 'asc' }
    const between = async () => void (await newThread(tag))
    expectWhole(await walk('/threads/search', 'thread_id', body, between), ids, 1)
  })

  it('of threads are sorted by every key', async () => {
    const { tag } = await makeRows(newThread)
    for (const sort_by of ['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at']) {
      const filter = { metadata: { tag }, sort_by, limit: 1000 }
      const up = await pageOf('/threads/search', 'thread_id', { ...filter, sort_order: 'asc' })
      const down = await pageOf('/threads/search', 'thread_id', { ...filter, sort_order: 'desc' })
      expect([up.ids.length, down.ids.length, up.total], sort_by).toEqual([ROWS, ROWS, String(ROWS)])
      if (sort_by === 'thread_id') expect(up.ids).toEqual([...up.ids].sort())
      if (sort_by === 'created_at') expect(down.ids).toEqual([...up.ids].reverse())
    }
  })

  it.each(['name', 'graph_id'])('of assistants whose %s ties are whole while rows come in behind', async (sort_by) => {
    const { tag, ids } = await makeRows(newAssistant)
    // Ids of version 7 grow with the time: with a tie broken by the id, what is new comes last.
    const body = { metadata: { tag }, sort_by, sort_order: 'asc', select: ['assistant_id'] }
    const between = async () => void (await newAssistant(tag))
    expectWhole(await walk('/assistants/search', 'assistant_id', body, between), ids, 1)
  })

  it('of versions are whole, newest first', async () => {
    const { assistant_id: id } = await ground.client.assistants.create({ graphId: 'echo' })
    for (let index = 1; index < ROWS; index += 1) await ground.client.assistants.update(id, { name: `v${index}` })
    const seen: number[] = []
    for (let offset = 0; offset < ROWS; offset += LIMIT) {
      seen.push(
        ...(await ground.client.assistants.getVersions(id, { limit: LIMIT, offset })).map(({ version }) => version),
      )
    }
    expect(seen).toEqual(Array.from({ length: ROWS }, (_, index) => ROWS - index))
  })

  it('of runs are whole, newest first, with the selected fields', async () => {
    const { thread_id } = await ground.client.threads.create()
    const made: string[] = []
    const options = { input: {}, afterSeconds: 3_600 }
    for (let index = 0; index < ROWS; index += 1) {
      made.push((await ground.client.runs.create(thread_id, 'echo', options)).run_id)
    }
    const seen: object[] = []
    for (let offset = 0; offset < ROWS; offset += LIMIT) {
      seen.push(...(await ground.client.runs.list(thread_id, { limit: LIMIT, offset, select: ['run_id'] })))
    }
    expect(seen).toEqual(made.reverse().map((run_id) => ({ run_id })))
  })

  it('of a history are whole by `before`', async () => {
    const { thread_id } = await ground.client.threads.create()
    for (let index = 0; index < 8; index += 1) await ground.client.runs.wait(thread_id, 'steps', { input: {} })
    const all = await ground.client.threads.getHistory(thread_id, { limit: 1000 })
    const ids = all.map(({ checkpoint }) => checkpoint.checkpoint_id)
    const seen: unknown[] = []
    for (let before: string | null = null; seen.length < ids.length; before = String(seen.at(-1))) {
      const query: { limit: number; before: string | null } = { limit: LIMIT, before }
      const { body } = await ground.python.call('GET', ['threads', thread_id, 'history'], { query })
      const states = body as { checkpoint: { checkpoint_id: string } }[]
      if (states.length === 0) break
      seen.push(...states.map(({ checkpoint }) => checkpoint.checkpoint_id))
    }
    expect(ids.length).toBeGreaterThan(ROWS)
    expect(seen).toEqual(ids)
  })

  it('of store items and namespaces are whole', async () => {
    const { tag } = await makeRows(async (label, index) => {
      await ground.client.store.putItem([label, `n${String(index).padStart(2, '0')}`], 'k', { same: true })
      return label
    })
    const items: string[] = []
    const namespaces: string[] = []
    for (let offset = 0; offset < ROWS; offset += LIMIT) {
      const found = await ground.client.store.searchItems([tag], { filter: { same: true }, limit: LIMIT, offset })
      items.push(...found.items.map(({ namespace }) => namespace[1] ?? ''))
      const listed = await ground.client.store.listNamespaces({ prefix: [tag], limit: LIMIT, offset })
      namespaces.push(...listed.namespaces.map((namespace) => namespace[1] ?? ''))
    }
    expect(namespaces).toEqual([...new Set(items)].sort())
    expect(items).toHaveLength(ROWS)
  })
})
