import { randomUUID } from 'node:crypto'
import { clientOf } from './callers.js'

/** Stands in all that the owner has, and in nothing else: an answer that holds it tells of the owner's. */
export const MARKER = 'for-the-owner-only'

/** What the owner has on the server. */
export interface World {
  readonly owner: string
  readonly threadId: string
  readonly runId: string
  readonly checkpointId: string
  /** A thread with a run that waits. */
  readonly queuedThreadId: string
  readonly queuedRunId: string
  readonly assistantId: string
  readonly cronId: string
  readonly namespace: readonly string[]
  readonly key: string
}

/** Makes it, by the official client. */
export async function makeWorld(url: string, owner: string): Promise<World> {
  const client = clientOf(url, owner)
  const metadata = { marker: MARKER }
  const assistant = await client.assistants.create({
    graphId: 'echo',
    metadata,
    config: { configurable: { note: MARKER } },
  })
  const thread = await client.threads.create({ metadata })
  await client.runs.wait(thread.thread_id, 'echo', { input: { log: [MARKER] } })
  const [run] = await client.runs.list(thread.thread_id)
  const state = await client.threads.getState(thread.thread_id)
  const queued = await client.threads.create({ metadata })
  const options = { input: { log: [MARKER] }, afterSeconds: 3_600 }
  const queuedRun = await client.runs.create(queued.thread_id, 'echo', options)
  const cron = await client.crons.createForThread(queued.thread_id, 'echo', {
    schedule: '0 0 1 1 *',
    input: { log: [MARKER] },
    metadata,
  })
  const namespace = [owner, 'notes']
  await client.store.putItem(namespace, 'one', { text: MARKER })
  return {
    owner,
    threadId: thread.thread_id,
    runId: run!.run_id,
    checkpointId: state.checkpoint.checkpoint_id!,
    queuedThreadId: queued.thread_id,
    queuedRunId: queuedRun.run_id,
    assistantId: assistant.assistant_id,
    cronId: (cron as unknown as { cron_id: string }).cron_id,
    namespace,
    key: 'one',
  }
}

/** As if it were somebody's: nothing of it is there. */
export function missingWorld(owner: string): World {
  return {
    owner,
    threadId: randomUUID(),
    runId: randomUUID(),
    checkpointId: randomUUID(),
    queuedThreadId: randomUUID(),
    queuedRunId: randomUUID(),
    assistantId: randomUUID(),
    cronId: randomUUID(),
    namespace: [owner, 'notes'],
    key: 'one',
  }
}

/** All of it, as its owner reads it. */
export async function readWorld(url: string, world: World): Promise<unknown> {
  const client = clientOf(url, world.owner)
  const { threadId, queuedThreadId, assistantId, cronId } = world
  const cron = await client.crons.search({ threadId: queuedThreadId })
  return {
    thread: await client.threads.get(threadId),
    history: await client.threads.getHistory(threadId),
    runs: await client.runs.list(threadId),
    queued: await client.runs.list(queuedThreadId),
    assistant: await client.assistants.get(assistantId),
    versions: await client.assistants.getVersions(assistantId),
    cron: cron.filter((one) => (one as unknown as { cron_id: string }).cron_id === cronId).map(withoutNow),
    item: await client.store.getItem([...world.namespace], world.key),
  }
}

/** A search's rows tell the server's time. */
function withoutNow(cron: object): object {
  return { ...cron, now: null }
}
