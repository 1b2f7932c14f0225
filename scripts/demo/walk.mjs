import { Client } from '@langchain/langgraph-sdk'
import { arrivedWebhook, requestsUrl } from './inspector.mjs'
import { printPart } from './stream-lines.mjs'
import { dim, say, title } from './terminal.mjs'
import { printWebhook } from './webhook-lines.mjs'

/** The id of the graph in the root `langgraph.json`; it also names the graph's own assistant. */
const ASSISTANT_ID = 'agent'
const INPUT = { messages: [{ role: 'human', content: 'Hello!' }] }
/** The bin of the inspector that takes the webhook. */
const BIN = 'demo'

/**
 * Assistant, thread, streamed run with a webhook, and the webhook as it arrived.
 * @param {{ url: string, secret: string, deadlineMs: number, ended: AbortSignal }} demo
 * @throws Error when a step fails, when the webhook does not arrive in time, and when its signature does not hold
 */
export async function walkTheGuide({ url, secret, deadlineMs, ended }) {
  const client = new Client({ apiUrl: url })
  await findAssistant(client)
  const threadId = await createThread(client)
  const late = AbortSignal.timeout(deadlineMs)
  const signal = AbortSignal.any([late, ended])
  try {
    const runId = await streamRun(client, { threadId, webhook: `${url}/inspector/${BIN}`, signal })
    title('4  The webhook')
    say(dim(`   GET ${requestsUrl(url, BIN)}`))
    printWebhook(await arrivedWebhook({ url, bin: BIN, runId, signal }), secret)
  } catch (error) {
    if (late.aborted) throw new Error(`The webhook has not arrived within ${deadlineMs / 1000} s.`, { cause: error })
    throw ended.aborted ? ended.reason : error
  }
}

/** @param {Client} client */
async function findAssistant(client) {
  title('1  client.assistants.search()')
  const assistants = await client.assistants.search({ graphId: ASSISTANT_ID, limit: 10 })
  for (const { name, assistant_id: id } of assistants) say(`   ${name}  ${dim(id)}`)
  if (assistants.length === 0) throw new Error(`there is no assistant of the graph «${ASSISTANT_ID}»`)
}

/** @param {Client} client */
async function createThread(client) {
  title('2  client.threads.create()')
  const { thread_id: threadId, status } = await client.threads.create()
  say(`   ${status}  ${dim(threadId)}`)
  return threadId
}

/**
 * Prints the stream as it comes; resolves to the run's id.
 * @param {Client} client
 * @param {{ threadId: string, webhook: string, signal: AbortSignal }} options
 */
async function streamRun(client, { threadId, webhook, signal }) {
  title("3  client.runs.stream(thread, 'agent', { input, streamMode: 'events', webhook })")
  const parts = client.runs.stream(threadId, ASSISTANT_ID, { input: INPUT, streamMode: 'events', webhook, signal })
  let runId = ''
  for await (const part of parts) {
    if (part.event === 'metadata') runId = part.data.run_id
    printPart(part)
  }
  if (runId === '') throw new Error('the stream ended without telling its run')
  return runId
}
