import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 200

/**
 * A request as the inspector lists it.
 * @typedef {object} RecordedRequest
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} headers names in lower case
 * @property {string} body its first 64 KiB
 * @property {string} received_at ISO time
 */

/**
 * Where the inspector lists what a bin got.
 * @param {string} url base URL of the server
 * @param {string} bin
 */
export function requestsUrl(url, bin) {
  return `${url}/inspector/${bin}/requests`
}

/**
 * Waits for the webhook of a run.
 * @param {{ url: string, bin: string, runId: string, signal: AbortSignal }} options
 * @returns {Promise<RecordedRequest>}
 * @throws the signal's reason, when it is aborted before the webhook has come
 */
export async function arrivedWebhook({ url, bin, runId, signal }) {
  for (;;) {
    const requests = await listRequests(requestsUrl(url, bin), signal)
    const found = requests.find(({ body }) => runOf(body) === runId)
    if (found) return found
    await sleep(POLL_MS, undefined, { signal })
  }
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<RecordedRequest[]>}
 */
async function listRequests(address, signal) {
  const answer = await fetch(address, { signal })
  if (!answer.ok) throw new Error(`the inspector answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()).requests
}

/** @param {string} body */
function runOf(body) {
  try {
    return JSON.parse(body).run_id
  } catch {
    return undefined // a bin keeps whatever is sent to it
  }
}
