import { Agent, type IncomingMessage, request as open } from 'node:http'
import type { OddRequest } from './odd-request.js'

/** The time in which a request must be answered, in ms. */
const DEADLINE_MS = 15_000

/** Answers that go on as long as a run, or for ever: their beginning is what counts. */
const OPEN_ENDED = /\/(?:stream|wait|join|cancel)(?:\?|$)/

const STACK = /\bat \S+ \(|node_modules|\.[jt]s:\d+/

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** What came of a request; `fault` is null for an answer that makes sense, `status` for none at all. */
export interface Judgement {
  readonly status: number | null
  readonly fault: string | null
}

/** Sends it and judges the answer. */
export async function judge(url: string, odd: OddRequest): Promise<Judgement> {
  try {
    const answer = await send(url, odd, AbortSignal.timeout(DEADLINE_MS))
    const status = answer.statusCode ?? 0
    return { status, fault: await faultOf(odd, status, answer) }
  } catch (error) {
    return { status: null, fault: `gave no whole answer: ${String(error)}` }
  }
}

async function faultOf(odd: OddRequest, status: number, answer: IncomingMessage): Promise<string | null> {
  if (status >= 500) return `answered ${status}: ${await textOf(answer)}`
  if (status < 400) return judgeSuccess(odd, answer)
  return odd.method === 'HEAD' ? drain(answer) : judgeRefusal(status, await textOf(answer))
}

function send(
  url: string,
  { method, target, headers, body }: OddRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': body.length }
    const options = { hostname, port, method, path: target, headers: { ...headers, ...length }, agent, signal }
    open(options, resolve).once('error', reject).end(body)
  })
}

function judgeRefusal(status: number, text: string): string | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return `answered ${status} with no JSON: ${text.slice(0, 200)}`
  }
  const { detail } = (parsed ?? {}) as { detail?: unknown }
  if (typeof detail !== 'string' || detail === '') return `answered ${status} without a detail: ${text.slice(0, 200)}`
  return STACK.test(detail) ? `answered ${status} with a stack: ${detail.slice(0, 500)}` : null
}

async function judgeSuccess({ method, target }: OddRequest, answer: IncomingMessage): Promise<string | null> {
  const type = answer.headers['content-type'] ?? ''
  if (OPEN_ENDED.test(target) || type.startsWith('text/event-stream')) {
    answer.destroy()
    return null
  }
  const text = await textOf(answer)
  const hasJson = answer.statusCode === 200 && method !== 'HEAD' && type.startsWith('application/json')
  if (hasJson) JSON.parse(text)
  return null
}

function drain(answer: IncomingMessage): null {
  answer.resume()
  return null
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
