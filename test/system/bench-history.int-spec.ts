import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'

const HISTORY = resolve(import.meta.dirname, '../../bench/support/history.mjs')
const TWO_NODES = resolve(import.meta.dirname, '../fixtures/bench/langgraph.json')

type FillHistory = (database: Pick<TestDatabaseSettings, 'settings'>, count: number) => Promise<void>

let fresh: TestDatabaseSettings
let server: ServerProcess

beforeEach(async () => {
  fresh = await freshDatabase()
  server = await ServerProcess.start({ config: TWO_NODES, database: fresh.settings })
})
afterEach(async () => {
  await server.kill()
  await fresh.remove()
})

// A migration that the benchmark was not told of showed in a run of half an hour, as a section without figures.
it('the past that the benchmark writes is one that a server has', async () => {
  await server.stop()
  const { fillHistory } = (await import(HISTORY)) as { fillHistory: FillHistory }
  await fillHistory(fresh, 8)
  server = await ServerProcess.start({ config: TWO_NODES, database: fresh.settings })
  const client = new Client({ apiUrl: server.url })
  const threads = await client.threads.search({ select: ['thread_id', 'status'] })
  expect(threads.map(({ status }) => status)).toEqual(['idle', 'idle'])
  const runs = await Promise.all(threads.map(({ thread_id }) => client.runs.list(thread_id)))
  expect(runs.flat().map(({ status }) => status)).toEqual(Array<string>(8).fill('success'))
  const listed = (await (await fetch(`${server.url}/webhooks/deliveries`)).json()) as {
    deliveries: { status: string }[]
  }
  expect(listed.deliveries.map(({ status }) => status)).toEqual(Array<string>(8).fill('delivered'))
})
