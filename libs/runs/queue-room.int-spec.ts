import 'reflect-metadata'
import { expect, it } from 'vitest'
import { RunsRoom } from './runs-room.spec.support.js'

const room = RunsRoom.use({ maxPending: 3, maxPendingPerThread: 2 })

const FULL = { code: 'run_queue_full', status: 503, headers: { 'retry-after': '5' } }
const THREAD_FULL = { code: 'thread_queue_full', status: 429, headers: { 'retry-after': '5' } }

const post = (url: string, payload: object) => room.runs.app.inject({ method: 'POST', url, payload })

async function counts(): Promise<{ runs: number; threads: number }> {
  const { rows } = await room.db.database.query<{ runs: number; threads: number }>(
    `SELECT (SELECT count(*)::integer FROM runs) AS runs, (SELECT count(*)::integer FROM threads) AS threads`,
  )
  return rows[0]!
}

it('a full queue takes no more, and a refusal leaves nothing behind', async () => {
  for (let run = 0; run < 3; run += 1) await room.runs.create(null, { afterSeconds: run * 60 })
  await expect(room.runs.create(null)).rejects.toMatchObject(FULL)
  expect((await post('/runs/wait', { assistant_id: 'graph' })).statusCode).toBe(503)
  expect(await counts()).toEqual({ runs: 3, threads: 3 })
})

it('has room again a second after runs have left it', async () => {
  const waiting = [await room.runs.create(null), await room.runs.create(null), await room.runs.create(null)]
  await expect(room.runs.create(null)).rejects.toMatchObject(FULL)
  await room.runs.cancel(waiting[0]!)
  await room.runs.clock.advance(1_000)
  await room.runs.create(null)
  await expect(room.runs.create(null)).rejects.toMatchObject(FULL)
})

it('counts what other processes have put into it', async () => {
  await room.runs.create(null)
  await room.db.database.query(
    `INSERT INTO runs SELECT (jsonb_populate_record(runs, jsonb_build_object('run_id', gen_random_uuid()))).*
     FROM runs, generate_series(1, 2)`,
  )
  await room.runs.clock.advance(1_000)
  await expect(room.runs.create(null)).rejects.toMatchObject(FULL)
})

it('takes a batch as a whole or not at all', async () => {
  await room.runs.create(null)
  const batch = (size: number) => post('/runs/batch', Array<object>(size).fill({ assistant_id: 'graph' }))
  expect((await batch(3)).statusCode).toBe(503)
  expect((await counts()).runs).toBe(1)
  expect((await batch(2)).statusCode).toBe(200)
})

it('takes no more on one thread than that may have, whatever else there is room for', async () => {
  const threadId = await room.runs.makeThread()
  await room.runs.create(threadId)
  await room.runs.create(threadId)
  await expect(room.runs.create(threadId)).rejects.toMatchObject(THREAD_FULL)
  await expect(room.runs.create(threadId, { multitaskStrategy: 'reject' })).rejects.toMatchObject({ status: 409 })
  await room.runs.create(await room.runs.makeThread())
  await room.runs.clock.advance(1_000)
  await expect(room.runs.create(threadId, { multitaskStrategy: 'interrupt' })).rejects.toMatchObject(FULL)
})

it('a run that takes the place of others is made on a thread whose queue is full', async () => {
  const threadId = await room.runs.makeThread()
  await room.runs.create(threadId)
  await room.runs.create(threadId)
  const replacing = await room.runs.create(threadId, { multitaskStrategy: 'interrupt' })
  expect(await room.runs.run(replacing)).toMatchObject({ status: 'pending' })
})
