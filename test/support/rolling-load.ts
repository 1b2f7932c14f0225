import type { Client } from '@langchain/langgraph-sdk'
import { collect, type SseEvent } from './sse-reader.js'

/** What the load is made of. */
export interface RollingLoad {
  /** Of the official SDK, with its own tries. */
  readonly client: Client
  readonly webhook: string
  readonly input: { readonly count: number; readonly everyMs: number }
}

/** How one use of the API came out. */
export interface Deed {
  readonly kind: 'wait' | 'join' | 'stream' | 'resumable'
  readonly runId: string
  readonly threadId: string
  /** The answer of a wait or a join. */
  readonly answer?: unknown
  /** What a stream gave. */
  readonly events: readonly SseEvent[]
}

/** Uses the API until it is over, in turn by each of its ways. @throws what the SDK throws: nothing may fail. */
export async function useUntil(load: RollingLoad, isOver: () => boolean): Promise<Deed[]> {
  const deeds: Deed[] = []
  const ways = [wait, join, (use: RollingLoad) => stream(use, false), (use: RollingLoad) => stream(use, true)]
  for (let turn = 0; !isOver(); turn += 1) deeds.push(await (ways[turn % ways.length] as typeof wait)(load))
  return deeds
}

async function wait({ client, webhook, input }: RollingLoad): Promise<Deed> {
  const { thread_id: threadId } = await client.threads.create()
  let runId = ''
  const onRunCreated = ({ run_id }: { run_id: string }) => void (runId = run_id)
  const answer = await client.runs.wait(threadId, 'ticks', { input, webhook, raiseError: false, onRunCreated })
  return { kind: 'wait', runId, threadId, answer, events: [] }
}

async function join({ client, webhook, input }: RollingLoad): Promise<Deed> {
  const { thread_id: threadId } = await client.threads.create()
  const { run_id: runId } = await client.runs.create(threadId, 'ticks', { input, webhook })
  return { kind: 'join', runId, threadId, answer: await client.runs.join(threadId, runId), events: [] }
}

async function stream({ client, webhook, input }: RollingLoad, streamResumable: boolean): Promise<Deed> {
  const { thread_id: threadId } = await client.threads.create()
  let runId = ''
  const events = await collect(
    client.runs.stream(threadId, 'ticks', {
      input,
      webhook,
      streamMode: 'custom',
      streamResumable,
      onRunCreated: ({ run_id }) => void (runId = run_id),
    }),
  )
  return { kind: streamResumable ? 'resumable' : 'stream', runId, threadId, events }
}
