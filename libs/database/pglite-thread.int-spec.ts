import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { EmbeddedPool } from './embedded-pool.js'
import { PGliteThread } from './pglite-thread.js'

const watch = {
  lost: () => {
    throw new Error('the lock is held')
  },
  uncertain: () => {},
  died: vi.fn<(reason: Error) => void>(),
}
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalbox-thread-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  watch.died.mockClear()
  rmSync(dir, { recursive: true, force: true })
})

it('does its work beside the caller: what takes the database long holds up nobody here', async () => {
  const pool = await EmbeddedPool.open({ dir }, watch)
  let hasAnswered = false
  const slow = pool.query('SELECT count(*) FROM generate_series(1, 300000)').then(() => (hasAnswered = true))
  const turns: boolean[] = []
  while (!hasAnswered) {
    await new Promise((next) => setImmediate(next))
    turns.push(hasAnswered)
  }
  await slow
  // In one thread the statement would have held up all turns of the event loop but the few around it.
  expect(turns.length).toBeGreaterThan(20)
  await pool.end()
})

it('rejects what waits and all that comes when the thread dies, and the folder can be opened again', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage')
  const pool = await EmbeddedPool.open({ dir }, watch)
  await pool.query('CREATE TABLE things (id int)')
  const waiting = pool.query('SELECT count(*) FROM generate_series(1, 50000000)')
  const rejected = expect(waiting).rejects.toThrow()
  await new Promise((next) => setImmediate(next))
  await (posted.mock.contexts[0] as Worker | undefined)?.terminate()
  await rejected
  await expect(pool.query('SELECT 1')).rejects.toThrow('the embedded database has ended')
  expect(watch.died).toHaveBeenCalledTimes(1)
  await pool.end().catch(() => {})

  const again = await EmbeddedPool.open({ dir }, watch)
  expect((await again.query('SELECT count(*)::integer AS count FROM things')).rows).toEqual([{ count: 0 }])
  await again.end()
})

it('keeps nothing of what it has answered', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage')
  const pool = await EmbeddedPool.open({ dir }, watch)
  for (let n = 0; n < 100; n += 1) await pool.query(`SELECT 'answer-' || ($1::int + 1000)`, [n])
  const heap = await text(await (posted.mock.contexts[0] as Worker).getHeapSnapshot())
  expect(heap.match(/answer-1\d\d\d/g) ?? []).toEqual([])
  await pool.end()
})

it('ends the transaction of a connection that left it, and what it had set', async () => {
  const pool = await EmbeddedPool.open({ dir }, watch)
  const left = await pool.connect()
  await left.query(`SET application_name = 'left'`)
  await left.query('BEGIN; CREATE TABLE things (id int)')
  left.release(new Error('lost'))
  expect((await pool.query(`SELECT to_regclass('things') AS things`)).rows).toEqual([{ things: null }])
  expect((await pool.query('SHOW application_name')).rows).toEqual([{ application_name: '' }])
  await pool.end()
})

it('says why a folder cannot be opened, and leaves no thread behind', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  await expect(PGliteThread.open({ dir: '/proc/nothing/here', vectors: false }, watch.died)).rejects.toThrow()
  expect(watch.died).not.toHaveBeenCalled()
  expect(terminate).toHaveBeenCalledTimes(1)
})
