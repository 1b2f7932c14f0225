import 'reflect-metadata'
import { resolve } from 'node:path'
import { expect, it, vi } from 'vitest'
import { TestServer } from '../support/test-server.js'

const BLOCKING_PROJECT = resolve(import.meta.dirname, '../fixtures/blocking/langgraph.json')

const server = TestServer.use({ config: BLOCKING_PROJECT, environment: { SIGNALBOX_BLOCK_WARNING: '300ms' } })

it('names the run that blocks the event loop, and not those that are active beside it', async () => {
  const { client } = server
  const beside = Array.from({ length: 4 }, () => client.runs.create(null, 'waiting', { input: { ms: 3_000 } }))
  await Promise.all(beside)
  const { thread_id } = await client.threads.create()
  await client.runs.wait(thread_id, 'blocking', { input: { ms: 1_500 } })
  const [run] = await client.runs.list(thread_id)
  const told = () => server.output.filter((line) => line.includes('the event loop was blocked'))
  await vi.waitFor(() => expect(told()).not.toEqual([]), { timeout: 10_000 })
  expect(told().map((line) => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ level: 'warn', run_id: run!.run_id, graph_id: 'blocking', thread_id }),
  )
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain('nodejs_eventloop_lag_max_seconds')
})
