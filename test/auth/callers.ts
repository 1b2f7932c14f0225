import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'

/** The project whose users see what they own. */
export const AUTH_PROJECT = resolve(import.meta.dirname, '../fixtures/auth/langgraph.json')

/** How long an answer may take, in ms. */
const DEADLINE_MS = 30_000

/** A raw request. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** How long the answer may take, in ms. */
  readonly deadlineMs?: number
}

/** What came of it. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  /** All of it; of an event stream nothing. */
  readonly text: string
}

/** The credentials of a user of the project; none for nobody. */
export function credentialsOf(user: string | null): Record<string, string> {
  return user === null ? {} : { authorization: `Bearer user-${user}` }
}

/** The official client of a user. */
export function clientOf(url: string, user: string | null): Client {
  return new Client({ apiUrl: url, defaultHeaders: credentialsOf(user), callerOptions: { maxRetries: 0 } })
}

/** Sends a request in somebody's name. */
export async function ask(url: string, user: string | null, request: RawRequest): Promise<RawAnswer> {
  const { method, path, body, headers = {}, deadlineMs = DEADLINE_MS } = request
  const leave = new AbortController()
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { ...json, ...credentialsOf(user), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(deadlineMs)]),
  })
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream || method === 'HEAD' ? '' : await answer.text()
  leave.abort()
  return { status: answer.status, headers: answer.headers, text }
}

/** Runs a graph without a thread, waits for it, and answers the run's id: by then nothing of it is there. */
export async function goneRun(url: string, user: string, input: object): Promise<string> {
  const request = { method: 'POST', path: '/runs/wait', body: { assistant_id: 'echo', input } }
  const { headers } = await ask(url, user, request)
  return /runs\/([0-9a-f-]{36})/.exec(headers.get('content-location') ?? '')?.[1] ?? 'none'
}
