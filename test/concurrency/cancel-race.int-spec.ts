import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { TEST_DATABASE } from '#testing'
import { Gate } from '../support/gate.js'
import { seededRandom } from '../support/seeded-random.js'
import { RUNS_PROJECT, TestServer } from '../support/test-server.js'

const SEED = 20_261_123
const ROUNDS = 40

/** What a run that is stopped in this way may have come to, and what its webhook says then. */
const ENDINGS = {
  interrupt: ['success', 'interrupted'],
  rollback: ['success', 'rollback'],
  delete: ['success', 'interrupted'],
} as const

type Stop = keyof typeof ENDINGS

describe(`stopping a run that is about to end, on ${TEST_DATABASE}`, () => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  const stop = (how: Stop, threadId: string, runId: string): Promise<void> =>
    how === 'delete'
      ? server.client.runs.delete(threadId, runId)
      : server.client.runs.cancel(threadId, runId, true, how)

  /** Lets a run end and stops it; so many answers of the server lie between, before the one or, below 0, the other. */
  async function race(how: Stop, lead: number): Promise<{ threadId: string; runId: string }> {
    const gate = await Gate.make()
    const { thread_id } = await server.client.threads.create()
    const webhook = server.receiver.url('/race')
    const input = { log: ['in'], gate: gate.url }
    const run = await server.client.runs.create(thread_id, 'steps', { input, webhook })
    await gate.reached()
    const later = async (work: () => unknown, count: number) => {
      for (let answered = 0; answered < count; answered += 1) await server.request('GET', '/ok')
      await work()
    }
    await Promise.all([
      later(() => gate.open(), Math.max(0, -lead)),
      later(() => stop(how, thread_id, run.run_id), Math.max(0, lead)),
    ])
    await gate.close()
    return { threadId: thread_id, runId: run.run_id }
  }

  async function check(how: Stop, { threadId, runId }: { threadId: string; runId: string }): Promise<string> {
    const { status: told } = await server.webhooks.first(runId)
    expect(ENDINGS[how]).toContain(told)
    const run = await server.client.runs.get(threadId, runId).catch(() => null)
    const thread = await server.client.threads.get<{ log: string[] } | null>(threadId)
    const state = await server.client.threads.getState(threadId)
    const isGone = how === 'delete' || told === 'rollback'
    expect(run?.status ?? 'gone').toBe(isGone ? 'gone' : told)
    if (isGone) expect([thread.values, thread.status, state.checkpoint]).toEqual([null, 'idle', null])
    else expect([thread.values, thread.status]).toEqual([state.values, state.next.length > 0 ? 'interrupted' : 'idle'])
    if (told === 'success' && !isGone) expect(thread.values?.log).toEqual(['in', 'first', 'last'])
    return told
  }

  it(`leaves one final state and one webhook, whoever is first (seed ${SEED}, ${ROUNDS} rounds)`, async () => {
    const random = seededRandom(SEED)
    const ways = Object.keys(ENDINGS) as Stop[]
    const runIds: string[] = []
    const told = new Set<string>()
    for (let round = 0; round < ROUNDS; round += 1) {
      const how = ways[Math.floor(random() * ways.length)]!
      const raced = await race(how, Math.floor(random() * 30) - 5)
      told.add(await check(how, raced))
      runIds.push(raced.runId)
    }
    // Both sides of the race were met, or the rounds prove nothing.
    expect(told.has('success') && told.size > 1).toBe(true)
    for (const runId of runIds) {
      expect(new Set(server.webhooks.of(runId).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    }
  })
})
