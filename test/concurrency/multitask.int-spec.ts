import 'reflect-metadata'
import { Client, type Run } from '@langchain/langgraph-sdk'
import { describe, expect, it } from 'vitest'
import { TEST_DATABASE } from '#testing'
import { Gate } from '../support/gate.js'
import { RUNS_PROJECT, TestServer } from '../support/test-server.js'
import { ThreadObserver } from '../support/thread-observer.js'

const CLIENTS = 50

type Strategy = 'reject' | 'enqueue' | 'interrupt' | 'rollback'

describe(`${CLIENTS} clients on one thread, on ${TEST_DATABASE}`, () => {
  const server = TestServer.use({ config: RUNS_PROJECT })

  /** Every client creates one run at once; what each of them was answered. */
  function createAll(
    threadId: string,
    graph: string,
    options: object,
    gate: Gate | null = null,
  ): Promise<PromiseSettledResult<Run>[]> {
    const clients = Array.from({ length: CLIENTS }, () => new Client({ apiUrl: server.url }))
    const webhook = server.receiver.url(`/${threadId}`)
    const created = clients.map((client, index) =>
      client.runs.create(threadId, graph, {
        input: { log: [`c${index}`], gate: gate?.url ?? null },
        webhook,
        ...options,
      }),
    )
    return Promise.allSettled(created)
  }

  /** The runs of a round that creates them while an observer looks on, and what is left when all have ended. */
  async function round(strategy: Strategy, graph: string, gate: Gate | null) {
    const { thread_id } = await server.client.threads.create()
    const observer = ThreadObserver.watch(server.client, thread_id)
    const answers = await createAll(thread_id, graph, { multitaskStrategy: strategy }, gate)
    const created = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    await gate?.reached()
    gate?.open()
    await server.webhooks.all(created.map((run) => run.run_id))
    await observer.stop()
    const runs = (await server.client.runs.list(thread_id, { limit: 1_000 })).reverse()
    const thread = await server.client.threads.get<{ log: string[] }>(thread_id)
    return { threadId: thread_id, answers, created, runs, thread }
  }

  /** Exactly one delivery of each run came, and says how it ended. */
  async function endings(created: readonly Run[]): Promise<Map<string, string>> {
    await server.webhooks.all(created.map((run) => run.run_id))
    const ends = new Map<string, string>()
    for (const { run_id } of created) {
      const deliveries = new Set(server.webhooks.of(run_id).map(({ headers }) => headers['webhook-id']))
      expect(deliveries.size).toBe(1)
      ends.set(run_id, (await server.webhooks.first(run_id)).status)
    }
    return ends
  }

  it('enqueue: every run succeeds, one after the other, in the order of their creation', async () => {
    const { created, runs, thread } = await round('enqueue', 'echo', null)
    expect(created).toHaveLength(CLIENTS)
    expect(runs.map((run) => run.status)).toEqual(Array(CLIENTS).fill('success'))
    const asked = runs.map((run) => logOf(run)[0])
    expect(thread.values.log).toEqual(asked.flatMap((name) => [name, `${name}!`]))
    expect(thread.status).toBe('idle')
    expect(new Set((await endings(created)).values())).toEqual(new Set(['success']))
  })

  it('reject: one run is made, every other client is refused, and nothing of them is left', async () => {
    const gate = await Gate.make()
    const { answers, created, runs, thread } = await round('reject', 'steps', gate)
    expect(created).toHaveLength(1)
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []))
    expect(refused).toHaveLength(CLIENTS - 1)
    for (const reason of refused) expect(reason).toContain('HTTP 409: {"detail":"Thread is already running a task.')
    expect(runs.map((run) => run.status)).toEqual(['success'])
    expect(thread.values.log).toHaveLength(3)
    expect(thread.status).toBe('idle')
    await gate.close()
  })

  it('interrupt: the last one succeeds on what the others left, which are interrupted', async () => {
    const gate = await Gate.make()
    const { created, runs, thread } = await round('interrupt', 'steps', gate)
    expect(created).toHaveLength(CLIENTS)
    expect(runs.map((run) => run.status)).toEqual([...Array<string>(CLIENTS - 1).fill('interrupted'), 'success'])
    const last = logOf(runs.at(-1))
    expect(thread.values.log.slice(-3)).toEqual([...last, 'first', 'last'])
    expect(thread.status).toBe('idle')
    const ends = await endings(created)
    for (const run of runs) expect(ends.get(run.run_id)).toBe(run.status)
    await gate.close()
  })

  it('rollback: only the last one is left, on a thread that knows nothing of the others', async () => {
    const gate = await Gate.make()
    const { threadId, created, runs, thread } = await round('rollback', 'steps', gate)
    expect(created).toHaveLength(CLIENTS)
    expect(runs.map((run) => run.status)).toEqual(['success'])
    const last = logOf(runs[0])
    expect(thread.values.log).toEqual([...last, 'first', 'last'])
    expect(thread.status).toBe('idle')
    const history = await server.client.threads.getHistory(threadId, { limit: 1_000 })
    expect(new Set(history.map(({ metadata }) => metadata?.['run_id']))).toEqual(new Set([runs[0]?.run_id]))
    const ends = await endings(created)
    for (const { run_id } of created) expect(ends.get(run_id)).toBe(run_id === runs[0]?.run_id ? 'success' : 'rollback')
    await gate.close()
  })

  it('if_not_exists: one missing thread is made once, and every run stands on it', async () => {
    const threadId = crypto.randomUUID()
    const answers = await createAll(threadId, 'echo', { ifNotExists: 'create' })
    expect(answers.filter((answer) => answer.status === 'rejected')).toEqual([])
    const runs = await server.client.runs.list(threadId, { limit: 1_000 })
    expect(runs).toHaveLength(CLIENTS)
    await Promise.all(runs.map((run) => server.client.runs.join(threadId, run.run_id)))
    const thread = await server.client.threads.get<{ log: string[] }>(threadId)
    expect(thread.values.log).toHaveLength(2 * CLIENTS)
    expect(await server.client.threads.search({ ids: [threadId] })).toHaveLength(1)
  })
})

/** The log that a run was given as its input: it names its client. */
function logOf(run: Run | undefined): string[] {
  const { kwargs } = run as unknown as { kwargs: { input: { log: string[] } } }
  return kwargs.input.log
}
