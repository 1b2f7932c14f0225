import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { Gate } from '../support/gate.js'
import { ServerProcess } from '../support/server-process.js'
import { collect, type SseEvent, SseReader } from '../support/sse-reader.js'

const config = resolve(import.meta.dirname, '../fixtures/streams/langgraph.json')

describe('streams of a server that is killed and started again', { timeout: 120_000 }, () => {
  let fresh: TestDatabaseSettings
  let gate: Gate
  let server: ServerProcess
  let proxy: CuttingProxy
  let client: Client

  beforeEach(async () => {
    fresh = await freshDatabase()
    gate = await Gate.make()
    server = await ServerProcess.start({ database: fresh.settings, config })
    proxy = await CuttingProxy.start(server.url)
    client = new Client({ apiUrl: proxy.url })
  })
  afterEach(async () => {
    await server.kill()
    await proxy.close()
    await gate.close()
    await fresh.remove()
  })

  async function killAndRestart(): Promise<void> {
    await server.kill()
    gate.open()
    server = await ServerProcess.start({ database: fresh.settings, config })
    proxy.retarget(server.url)
  }

  const input = () => ({ gate: gate.url })
  const steps = { streamMode: 'values' as const, streamResumable: true, durability: 'sync' as const }

  it('the run’s own: the second attempt in full, with rising ids, and nothing twice', async () => {
    const { thread_id } = await client.threads.create()
    let runId = ''
    const options = { ...steps, input: input(), onRunCreated: (run: { run_id: string }) => void (runId = run.run_id) }
    const reading = collect(client.runs.stream(thread_id, 'steps', options))
    await gate.reached()
    await killAndRestart()
    const parts = await reading
    const [first, second] = splitByMetadata(parts)
    expect(first?.[0]?.data).toEqual({ run_id: runId, attempt: 1 })
    expect(second?.[0]?.data).toEqual({ run_id: runId, attempt: 2 })
    expect(second?.at(-1)?.data).toMatchObject({ log: ['first', 'second'] })
    expectRising(parts.map(({ id }) => Number(id)))
    const url = `${server.url}/threads/${thread_id}/runs/${runId}/stream`
    const left = await SseReader.open(url, { headers: { 'last-event-id': first?.at(-1)?.id ?? '' } })
    expect(await left.all()).toEqual(second)
    const whole = await SseReader.open(url, { headers: { 'last-event-id': '-1' } })
    expect(await whole.all()).toEqual(second)
  })

  it('the thread’s: it goes on with the second attempt and the next run, with rising ids', async () => {
    const { thread_id } = await client.threads.create()
    const stream = client.threads.joinStream(thread_id, { lastEventId: '-' })
    const started = stream.next()
    const { run_id } = await client.runs.create(thread_id, 'steps', { ...steps, input: input() })
    await gate.reached()
    const parts = [(await started).value as SseEvent]
    const reading = untilDone(stream, parts, 2)
    await killAndRestart()
    await client.runs.join(thread_id, run_id)
    const next = await client.runs.create(thread_id, 'steps', { ...steps, input: { gate: null } })
    await reading
    const metadata = parts.filter(({ event }) => event === 'metadata').map(({ data }) => data)
    expect(metadata).toEqual([
      { run_id, attempt: 1 },
      { run_id, attempt: 2 },
      { status: 'run_done', run_id },
      { run_id: next.run_id, attempt: 1 },
      { status: 'run_done', run_id: next.run_id },
    ])
    const ids = parts.map(({ id }) => id.split('-').map(Number) as [number, number])
    expectRising(
      ids.map(([mark]) => mark),
      { strictly: false },
    )
    expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length)
  })
})

async function untilDone(stream: AsyncIterable<unknown>, parts: SseEvent[], runs: number): Promise<void> {
  for await (const part of stream) {
    parts.push(part as SseEvent)
    if (parts.filter(({ data }) => (data as { status?: string }).status === 'run_done').length === runs) return
  }
}

/** The events of each attempt. */
function splitByMetadata(parts: readonly SseEvent[]): SseEvent[][] {
  const attempts: SseEvent[][] = []
  for (const part of parts) {
    if (part.event === 'metadata') attempts.push([])
    attempts.at(-1)?.push(part)
  }
  return attempts
}

function expectRising(numbers: readonly number[], { strictly = true } = {}): void {
  const distinct = strictly ? [...new Set(numbers)] : [...numbers]
  expect(distinct).toEqual([...distinct].sort((left, right) => left - right))
  if (strictly) expect(distinct).toHaveLength(numbers.length)
}
