import { setTimeout as pause } from 'node:timers/promises'

/** A run that the server said it had made. */
export interface AcceptedRun {
  readonly runId: string
  readonly threadId: string
  /** Its row is there at the end: it has a thread, and nobody asked to undo or delete it. */
  readonly isKept: boolean
}

/** What one client of the load does with the server. */
export interface LoadPlan {
  readonly url: string
  readonly webhook: string
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Told of each run as soon as its answer is read. */
  readonly accepted: (run: AcceptedRun) => void
  /** Which answers mean that the server cannot do it now; none, when undefined: only a kill may end a request. */
  readonly isRefusal?: (status: number) => boolean
}

/** How long a request may take before the server counts as hanging, in ms. */
const HANGS_AFTER_MS = 90_000

/** Between a request that failed and the next, in ms. */
const PAUSE_MS = 50

/** The server said that it cannot do it now. */
class Refused extends Error {}

/** Works one way of making a run, and perhaps of ending it. */
type Deed = (plan: LoadPlan) => Promise<void>

/**
 * Makes runs of every kind, one after the other, until the server is gone: on threads and without, in batches, waited
 * for or not, stopped by later runs, by cancels and by deletions.
 * @throws Error when the server itself answers with what it may not.
 */
export async function loadUntilGone(plan: LoadPlan): Promise<void> {
  for (;;) {
    const deed = DEEDS[Math.floor(plan.random() * DEEDS.length)] as Deed
    try {
      await deed(plan)
    } catch (error) {
      // What a fetch throws when its connection is refused or breaks: only the kill may end a request.
      if (error instanceof TypeError) return
      throw error
    }
  }
}

/** The same, through all that goes wrong, until it is over. @throws Error as above, and when a request hangs. */
export async function loadUntil(plan: LoadPlan, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const deed = DEEDS[Math.floor(plan.random() * DEEDS.length)] as Deed
    try {
      await deed(plan)
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Refused)) throw error
      await pause(PAUSE_MS)
    }
  }
}

const stateless: Deed = (plan) => create(plan, '/runs', { stateless: true })
const waited: Deed = (plan) => waitFor(plan, '/runs/wait')
const batch: Deed = async (plan) => {
  const runs = (await post(plan, '/runs/batch', [body(plan), body(plan), body(plan)])) as WireRun[]
  for (const run of runs) plan.accepted({ runId: run.run_id, threadId: run.thread_id, isKept: false })
}
const onThread: Deed = async (plan) => create(plan, `${await thread(plan)}/runs`)
const waitedOnThread: Deed = async (plan) => waitFor(plan, `${await thread(plan)}/runs/wait`)

/** A second run on the same thread that stops the first, if it is still there. */
function followedBy(strategy: 'interrupt' | 'rollback' | 'enqueue'): Deed {
  return async (plan) => {
    const path = `${await thread(plan)}/runs`
    await create(plan, path, { isUndone: strategy === 'rollback' })
    await create(plan, path, { fields: { multitask_strategy: strategy } })
  }
}

/** A request that ends the run, if it is still there. */
function endedBy(method: string, path: (run: WireRun) => string): Deed {
  return async (plan) => {
    const run = (await post(plan, `${await thread(plan)}/runs`, body(plan))) as WireRun
    plan.accepted({ runId: run.run_id, threadId: run.thread_id, isKept: false })
    await send(plan, method, path(run))
  }
}

const DEEDS: readonly Deed[] = [
  stateless,
  waited,
  batch,
  onThread,
  waitedOnThread,
  followedBy('interrupt'),
  followedBy('rollback'),
  followedBy('enqueue'),
  endedBy('DELETE', ({ thread_id }) => `/threads/${thread_id}`),
  endedBy('DELETE', ({ thread_id, run_id }) => `/threads/${thread_id}/runs/${run_id}`),
  endedBy('POST', ({ thread_id, run_id }) => `/threads/${thread_id}/runs/${run_id}/cancel?action=rollback`),
  endedBy('POST', ({ thread_id, run_id }) => `/threads/${thread_id}/runs/${run_id}/cancel?wait=1`),
]

interface WireRun {
  readonly run_id: string
  readonly thread_id: string
}

function body({ webhook, random }: LoadPlan): object {
  return { assistant_id: random() < 0.5 ? 'steps' : 'echo', input: {}, webhook }
}

async function thread(plan: LoadPlan): Promise<string> {
  return `/threads/${((await post(plan, '/threads', {})) as WireRun).thread_id}`
}

async function create(
  plan: LoadPlan,
  path: string,
  { stateless = false, isUndone = false, fields = {} } = {},
): Promise<void> {
  const run = (await post(plan, path, { ...body(plan), ...fields })) as WireRun
  plan.accepted({ runId: run.run_id, threadId: run.thread_id, isKept: !stateless && !isUndone })
}

async function waitFor(plan: LoadPlan, path: string): Promise<void> {
  await post(plan, path, body(plan))
}

async function post(plan: LoadPlan, path: string, content: unknown): Promise<unknown> {
  const answer = await send(plan, 'POST', path, content)
  if (answer.status !== 200) throw new Error(`POST ${path} answered ${answer.status}: ${answer.text}`)
  try {
    return JSON.parse(answer.text) as unknown
  } catch {
    // A wait whose server is killed ends where it was.
    throw new TypeError('the answer broke off')
  }
}

async function send(
  { url, isRefusal }: LoadPlan,
  method: string,
  path: string,
  content?: unknown,
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    signal: AbortSignal.timeout(HANGS_AFTER_MS),
    ...(content === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(content) }),
  })
  const text = await answer.text()
  if (isRefusal?.(answer.status)) throw new Refused(`${method} ${path} answered ${answer.status}: ${text}`)
  if (answer.status >= 500) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
  return { status: answer.status, text }
}
