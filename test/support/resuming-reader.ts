import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@langchain/langgraph-sdk'
import type { SseEvent } from './sse-reader.js'

/** Between a connection that broke and the next, in ms. */
const PAUSE_MS = 200
/** How long a stream may take in all, in ms. */
const PATIENCE_MS = 150_000

/** A run of the graph `ticks` and what a client that always comes back has read of it. */
export interface ReadStream {
  readonly threadId: string
  readonly runId: string
  readonly events: readonly SseEvent[]
}

/** What a stream of `ticks` is asked to be. */
export interface TicksOptions {
  readonly count: number
  readonly everyMs: number
  readonly webhook: string
}

/**
 * Runs `ticks` on a new thread and reads its resumable stream to its end, coming back as often as its connection breaks;
 * null when the run could not be made.
 * @throws Error when the stream does not end, or fails by what no fault of a network explains.
 */
export async function readTicks(client: Client, { webhook, ...input }: TicksOptions): Promise<ReadStream | null> {
  const events: SseEvent[] = []
  let run: { thread_id: string; run_id: string } | null = null
  try {
    const { thread_id } = await client.threads.create()
    const stream = client.runs.stream(thread_id, 'ticks', {
      input,
      webhook,
      streamMode: 'custom',
      streamResumable: true,
      onRunCreated: ({ run_id }) => void (run = { thread_id, run_id }),
    })
    for await (const part of stream) events.push(part as SseEvent)
  } catch (error) {
    if (!isOfNetwork(error)) throw error
    if (run === null) return null
    const { thread_id, run_id } = run as { thread_id: string; run_id: string }
    await readOn(client, { threadId: thread_id, runId: run_id, events })
  }
  const { thread_id: threadId, run_id: runId } = run as unknown as { thread_id: string; run_id: string }
  return { threadId, runId, events }
}

/** Reads a run's stream from its first event. */
export async function readAgain(client: Client, { threadId, runId }: ReadStream): Promise<ReadStream> {
  const events: SseEvent[] = []
  await readOn(client, { threadId, runId, events })
  return { threadId, runId, events }
}

/** Reads what comes after the events that are there, to the end. */
async function readOn(
  client: Client,
  { threadId, runId, events }: { threadId: string; runId: string; events: SseEvent[] },
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      const lastEventId = events.at(-1)?.id ?? '-1'
      for await (const part of client.runs.joinStream(threadId, runId, { lastEventId, streamMode: 'custom' }))
        events.push(part as SseEvent)
      return
    } catch (error) {
      if (!isOfNetwork(error) || Date.now() > deadline) throw error
      await pause(PAUSE_MS)
    }
  }
}

/** What the official client throws when a connection breaks, or the server cannot do it now. */
export function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('status' in error) return error.status === 429 || Number(error.status) >= 500
  return error instanceof TypeError || NETWORK_ERRORS.includes(error.name) || 'code' in error
}

const NETWORK_ERRORS = ['ConnectionError', 'MaxReconnectAttemptsError', 'StreamIdleTimeoutError', 'SocketError']

/**
 * What is wrong with the events of `count` ticks that were read, in words. An attempt that was cut off gave the first
 * numbers in order. The last one gave all of them, or none where the one before had come to the end of the node; unless
 * the run ended with an error.
 */
export function ticksFaults({ events }: ReadStream, count: number): string[] {
  const attempts: number[][] = []
  const ids = events.map(({ id }) => Number(id))
  const falling = ids.findIndex((id, place) => place > 0 && id <= (ids[place - 1] ?? NaN))
  const faults =
    falling === -1 ? [] : [`ids fall: ${JSON.stringify(events.slice(Math.max(falling - 2, 0), falling + 2))}`]
  for (const { event, data } of events) {
    if (event === 'metadata') attempts.push([])
    if (event === 'custom') attempts.at(-1)?.push((data as { n: number }).n)
  }
  for (const numbers of attempts) if (numbers.some((n, place) => n !== place)) faults.push(`it gave ${numbers.join()}`)
  const lengths = attempts.map((numbers) => numbers.length)
  const hasFailed = events.at(-1)?.event === 'error'
  const whole = lengths.findLast((length) => length > 0)
  if (!hasFailed && whole !== count) faults.push(`its attempts gave ${lengths.join()} of ${count}`)
  return faults
}
