import 'reflect-metadata'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Gate } from '../support/gate.js'
import { TestServer } from '../support/test-server.js'

const server = TestServer.use({ environment: { SIGNALBOX_RUN_TIMEOUT: '2s', SIGNALBOX_MAX_RUNS: '1' } })

let gate: Gate
beforeAll(async () => void (gate = await Gate.make()))
afterAll(() => gate.close())

it('a run past its time ends as timeout though its node knows no signal, and the next one is executed', async () => {
  const { client } = server
  const { thread_id } = await client.threads.create()
  const webhook = server.receiver.url('/timeout')
  const input = { gate: gate.url }
  const timedOut = client.runs.wait(thread_id, 'steps', { input, webhook, raiseError: false })
  await gate.reached()
  const next = client.runs.wait(null, 'echo', { input: { log: ['next'] } })
  expect(await timedOut).toEqual({
    __error__: { error: 'TimeoutError', message: 'Run exceeded its time limit of 2000 ms' },
  })
  expect(await next).toHaveProperty('log')
  const [run] = await client.runs.list(thread_id)
  expect(run?.status).toBe('timeout')
  const thread = await client.threads.get(thread_id)
  expect(thread).toMatchObject({ status: 'error', values: { log: ['first'] } })
  const { body } = await server.receiver.next()
  expect(JSON.parse(String(body))).toMatchObject({ run_id: run!.run_id, status: 'timeout' })
})
