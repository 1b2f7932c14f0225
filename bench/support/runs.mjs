// Requests for runs, and loads made of them.
import { frames, get, open, post } from './client.mjs'

/** The run that most figures are about. */
export const TWO_NODES = { assistant_id: 'two-nodes', input: { messages: [{ role: 'user', content: 'Hello!' }] } }

/** @typedef {{ url: string }} At */

/** A stateless wait. @param {At} server */
export function waitStateless(server, run = TWO_NODES) {
  return post(`${server.url}/runs/wait`, run).then(checkValues)
}

/** @param {At} server @returns {Promise<string>} */
export async function makeThread(server) {
  return (await post(`${server.url}/threads`, {})).thread_id
}

/** So many threads, made 16 at a time. @param {At} server @param {number} count @returns {Promise<string[]>} */
export async function makeThreads(server, count) {
  const threads = []
  await inParallel(16, count, async () => threads.push(await makeThread(server)))
  return threads
}

/** @param {At} server @param {string} thread */
export function waitOnThread(server, thread, run = TWO_NODES) {
  return post(`${server.url}/threads/${thread}/runs/wait`, run).then(checkValues)
}

/**
 * How long after its run had ended a wait was answered, in ms: from the time that is stored with the end, which is
 * before its commit. To the millisecond.
 * @param {At} server
 */
export async function waitAfterEnd(server) {
  const thread = await makeThread(server)
  await waitOnThread(server, thread)
  const answered = Date.now()
  const [run] = await get(`${server.url}/threads/${thread}/runs?limit=1`)
  return answered - Date.parse(run.updated_at)
}

/** @param {At} server @param {string} thread */
export function runInBackground(server, thread, run = TWO_NODES) {
  return post(`${server.url}/threads/${thread}/runs`, run)
}

/** A wait answers 200 for a run that failed: that is no run to count. */
function checkValues(values) {
  if (values?.__error__) throw new Error(`a run failed: ${JSON.stringify(values.__error__)}`)
  return values
}

/**
 * How long a stateless stream takes to its first frame, and to the first that comes from the graph, in ms.
 * @param {At} server
 */
export async function firstEvents(server) {
  const from = performance.now()
  const response = await open(`${server.url}/runs/stream`, { ...TWO_NODES, stream_mode: ['updates'] })
  let first = null
  let fromGraph = null
  for await (const { event } of frames(response.body)) {
    first ??= performance.now() - from
    if (event === 'updates') fromGraph ??= performance.now() - from
    if (event === 'error') throw new Error('a streamed run failed')
  }
  return { first, fromGraph }
}

/** What `work` takes, in ms. @param {() => Promise<unknown>} work */
export async function timed(work) {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/**
 * Does `work` so many times, by so many at once.
 * @param {number} clients
 * @param {number} count
 * @param {(n: number) => Promise<unknown>} work
 */
export async function inParallel(clients, count, work) {
  let next = 0
  const client = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: clients }, client))
}

/**
 * Does `work` again and again for so long; resolves to how often a second.
 * @param {number} clients
 * @param {number} seconds
 * @param {() => Promise<unknown>} work
 */
export async function rateFor(clients, seconds, work) {
  const from = performance.now()
  const until = from + seconds * 1000
  let done = 0
  const client = async () => {
    while (performance.now() < until) {
      await work()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return done / ((performance.now() - from) / 1000)
}
