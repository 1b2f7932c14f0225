import 'reflect-metadata'
import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { CuttingProxy } from '../support/cutting-proxy.js'
import { seededRandom } from '../support/seeded-random.js'
import { ServerProcess } from '../support/server-process.js'
import { collect, type SseEvent, SseReader } from '../support/sse-reader.js'

/** How often the connection of each client is cut; the official client waits a second or two after each. */
const CUTS = 4
const ROUNDS = 8
const INPUT = { count: 40, everyMs: 20 }

describe('a stream over a connection that is cut', { timeout: 120_000 }, () => {
  const seed = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  const proxies: CuttingProxy[] = []
  let fresh: TestDatabaseSettings
  let server: ServerProcess
  let direct: Client

  beforeAll(async () => {
    process.stdout.write(`reconnecting.int-spec: seed ${seed}\n`)
    fresh = await freshDatabase()
    const config = resolve(import.meta.dirname, '../fixtures/streams/langgraph.json')
    server = await ServerProcess.start({ database: fresh.settings, config })
    direct = new Client({ apiUrl: server.url })
  })
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close()
    await server.stop()
    await fresh.remove()
  })

  /** A connection of its own that breaks `cuts` times, anywhere in the first bytes of a stream. */
  async function broken(cuts: number, bytes = 1_500): Promise<CuttingProxy> {
    let left = cuts
    const proxy = await CuttingProxy.start(server.url, () => (left-- > 0 ? Math.floor(random() * bytes) : null))
    proxies.push(proxy)
    return proxy
  }

  async function allOf(threadId: string, runId: string): Promise<SseEvent[]> {
    const headers = { 'last-event-id': '-1' }
    return (await SseReader.open(`${server.url}/threads/${threadId}/runs/${runId}/stream`, { headers })).all()
  }

  const rounds = Array.from({ length: ROUNDS }, (_, round) => round)

  it('runs.stream gives everything once, in order', async () => {
    const one = async (round: number) => {
      const proxy = await broken(CUTS)
      const client = new Client({ apiUrl: proxy.url })
      const { thread_id } = await direct.threads.create()
      let runId = ''
      const options = {
        input: INPUT,
        streamMode: ['custom', 'values'] as ('custom' | 'values')[],
        // Also without: the events of every run are kept while it runs and a while longer.
        streamResumable: round % 2 === 0,
        onRunCreated: ({ run_id }: { run_id: string }) => void (runId = run_id),
      }
      const parts = await collect(client.runs.stream(thread_id, 'ticks', options))
      expect(parts, `seed ${seed}, round ${round}`).toEqual(await allOf(thread_id, runId))
      expect(parts.map(({ id }) => id)).toEqual(Array.from({ length: 42 }, (_, id) => String(id)))
      return proxy.cuts
    }
    const cuts = await Promise.all(rounds.map(one))
    expect(sum(cuts)).toBeGreaterThan(ROUNDS)
  })

  it('runs.stream of a stateless run, too', async () => {
    const one = async () => {
      const proxy = await broken(2)
      const options = { input: INPUT, streamMode: 'custom' as const, streamResumable: true }
      const parts = await collect(new Client({ apiUrl: proxy.url }).runs.stream(null, 'ticks', options))
      expect(parts.map(({ id }) => id)).toEqual(Array.from({ length: 41 }, (_, id) => String(id)))
      expect(proxy.cuts).toBeGreaterThan(0)
    }
    await Promise.all(rounds.map(one))
  })

  it('runs.joinStream gives everything once, in order', async () => {
    const one = async (round: number) => {
      const proxy = await broken(CUTS)
      const { thread_id } = await direct.threads.create()
      const { run_id } = await direct.runs.create(thread_id, 'ticks', { input: INPUT, streamMode: 'custom' })
      const client = new Client({ apiUrl: proxy.url })
      const parts = await collect(client.runs.joinStream(thread_id, run_id, { lastEventId: '-1' }))
      expect(parts, `seed ${seed}, round ${round}`).toEqual(await allOf(thread_id, run_id))
      expect(parts).toHaveLength(41)
      return proxy.cuts
    }
    expect(sum(await Promise.all(rounds.map(one)))).toBeGreaterThan(ROUNDS)
  })

  it('a join of the live tail loses nothing from where it began', async () => {
    const one = async (round: number) => {
      const proxy = await broken(CUTS, 300)
      const { thread_id } = await direct.threads.create()
      const { run_id } = await direct.runs.create(thread_id, 'ticks', { input: INPUT, streamMode: 'custom' })
      const parts = await collect(new Client({ apiUrl: proxy.url }).runs.joinStream(thread_id, run_id))
      const all = await allOf(thread_id, run_id)
      expect(parts, `seed ${seed}, round ${round}`).toEqual(all.slice(all.length - parts.length))
      // Created before the join was asked for: a few events at most were before it.
      expect(parts.length).toBeGreaterThan(20)
    }
    await Promise.all(rounds.map(one))
  })

  it('threads.joinStream gives everything once, in order, over several runs', async () => {
    const one = async (round: number) => {
      const proxy = await broken(CUTS)
      const { thread_id } = await direct.threads.create()
      const stream = new Client({ apiUrl: proxy.url }).threads.joinStream(thread_id, { lastEventId: '-' })
      const reading = collectUntilDone(stream, 3)
      const runs: string[] = []
      for (let n = 0; n < 3; n += 1) {
        const options = { input: { count: 15, everyMs: 20 }, streamMode: 'custom' as const }
        runs.push((await direct.runs.create(thread_id, 'ticks', options)).run_id)
      }
      const parts = await reading
      const headers = { 'last-event-id': '-' }
      const whole = await SseReader.open(`${server.url}/threads/${thread_id}/stream`, { headers })
      let done = 0
      const uncut = await whole.until((event) => isRunDone(event) && (done += 1) === 3)
      expect(parts, `seed ${seed}, round ${round}`).toEqual(uncut)
      expect(parts.filter(isRunDone).map(({ data }) => data)).toEqual(
        runs.map((run_id) => ({ status: 'run_done', run_id })),
      )
      expect(parts).toHaveLength(3 * (15 + 2))
      return proxy.cuts
    }
    expect(sum(await Promise.all(rounds.map(one)))).toBeGreaterThan(ROUNDS)
  })

  it('raw HTTP with Last-Event-ID: two hundred cuts at any byte', async () => {
    const { thread_id } = await direct.threads.create()
    const { run_id } = await direct.runs.create(thread_id, 'ticks', { input: INPUT, streamMode: 'custom' })
    const proxy = await broken(Infinity, 400)
    const got: SseEvent[] = []
    for (let round = 0; round < 1_000 && (got.length < 41 || proxy.cuts < 200); round += 1) {
      if (got.length === 41) got.length = 0
      const headers = { 'last-event-id': got.at(-1)?.id ?? '-1' }
      const reader = await SseReader.open(`${proxy.url}/threads/${thread_id}/runs/${run_id}/stream`, { headers })
      try {
        for await (const event of reader) got.push(event)
      } catch {
        // The cut: what came whole counts, and the next request goes on behind it.
      }
    }
    expect(proxy.cuts, `seed ${seed}`).toBeGreaterThanOrEqual(200)
    expect(got, `seed ${seed}`).toEqual(await allOf(thread_id, run_id))
  })

  it('many readers at once each get everything, on a running and on a finished run', async () => {
    const { thread_id } = await direct.threads.create()
    const { run_id } = await direct.runs.create(thread_id, 'ticks', { input: INPUT, streamMode: ['custom', 'values'] })
    const during = await Promise.all(Array.from({ length: 30 }, () => allOf(thread_id, run_id)))
    const after = await allOf(thread_id, run_id)
    expect(after).toHaveLength(42)
    for (const events of during) expect(events).toEqual(after)
  })
})

async function collectUntilDone(stream: AsyncIterable<unknown>, runs: number): Promise<SseEvent[]> {
  const parts: SseEvent[] = []
  let done = 0
  for await (const part of stream) {
    parts.push(part as SseEvent)
    if (isRunDone(part as SseEvent) && (done += 1) === runs) break
  }
  return parts
}

function isRunDone({ data }: SseEvent): boolean {
  return (data as { status?: unknown } | null)?.status === 'run_done'
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right, 0)
}
