import type { Client } from '@langchain/langgraph-sdk'
import { openPool } from '#database'
import { JsonLogger } from '#kernel'
import type { TestDatabaseSettings } from '#testing'

/** A cron of each second, and its first occurrence. */
export interface StartedCron {
  readonly cronId: string
  /** ms since the epoch. */
  readonly firstAt: number
}

/** The same once it fires no more. */
export interface EndedCron extends StartedCron {
  /** How many occurrences were dealt with: one for each second. */
  readonly occurrences: number
}

/** What the SDK's typings do not say: they call what it makes a run. */
interface WireCron {
  readonly cron_id: string
  readonly next_run_date: string
}

/** Makes two crons of each second: one whose runs follow each other on a thread, one whose runs get threads of their own. */
export async function startCrons(client: Client, webhook: string): Promise<StartedCron[]> {
  const options = { schedule: '* * * * * *', input: {}, webhook }
  const { thread_id } = await client.threads.create()
  const made: unknown[] = [
    await client.crons.createForThread(thread_id, 'echo', options),
    await client.crons.create('echo', { ...options, onRunCompleted: 'keep' }),
  ]
  return (made as WireCron[]).map(({ cron_id, next_run_date }) => ({
    cronId: cron_id,
    firstAt: Date.parse(next_run_date),
  }))
}

/** Lets them fire no more. */
export async function endCrons(client: Client, crons: readonly StartedCron[]): Promise<EndedCron[]> {
  const changes = crons.map(({ cronId }) => client.crons.update(cronId, { enabled: false }))
  const ended = (await Promise.all(changes)) as unknown as WireCron[]
  return crons.map((cron, index) => ({
    ...cron,
    occurrences: (Date.parse(ended[index]?.next_run_date ?? '') - cron.firstAt) / 1_000,
  }))
}

/** Crons that have not made exactly one run for each occurrence, with how many they have made. */
export async function cronFaults(
  settings: TestDatabaseSettings['settings'],
  crons: readonly EndedCron[],
): Promise<readonly object[]> {
  const pool = await openPool(settings, JsonLogger.create('silent'), { isShared: true })
  try {
    const { rows } = await pool.query<{ cronId: string; runs: number }>(
      `SELECT kwargs #>> '{config,configurable,cron_id}' AS "cronId", count(*)::integer AS runs FROM runs GROUP BY 1`,
    )
    const made = new Map(rows.map(({ cronId, runs }) => [cronId, runs]))
    const judged = crons.map((cron) => ({ ...cron, runs: made.get(cron.cronId) ?? 0 }))
    return judged.filter(({ occurrences, runs }) => runs === 0 || runs !== occurrences)
  } finally {
    await pool.end()
  }
}
