import type { Forwarded } from './received-webhook.js'

/** What the app behind answered, for the server to act on; 502 where it did not. */
export interface AppAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly outcome: Forwarded
}

/** How long the app may take, in ms. */
const APP_DEADLINE_MS = 30_000

/** How much of its answer is handed on, in bytes. */
const ANSWER_BOUND = 65_536

/** Of one connection, not of the message (RFC 9110 7.6.1); and what fetch sets itself. */
const NOT_FORWARDED = new Set(
  (
    'connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect host ' +
    'content-length'
  ).split(' '),
)

/** Headers of an answer that the server heeds or keeps. */
const ANSWER_HEADERS = ['content-type', 'retry-after', 'webhook-delivery'] as const

/** Passes webhooks on to an app as they came. No redirect is followed, no proxy is used. */
export class Forwarder {
  /** A URL without a path, query or fragment of its own takes those of each webhook. */
  constructor(private readonly to: URL) {}

  /** Never throws: an app that is down or slow is a 502. */
  async forward(path: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<AppAnswer> {
    const startedAt = performance.now()
    const durationMs = () => Math.round(performance.now() - startedAt)
    const cut = new AbortController()
    const deadline = setTimeout(() => cut.abort(), APP_DEADLINE_MS)
    try {
      const answer = await fetch(this.#target(path), {
        method: 'POST',
        headers: forwardable(headers),
        body: new Uint8Array(body),
        redirect: 'manual',
        signal: cut.signal,
      })
      const bytes = await firstBytes(answer.body)
      return {
        status: answer.status,
        headers: heeded(answer.headers),
        body: bytes,
        outcome: { status: answer.status, durationMs: durationMs() },
      }
    } catch (error) {
      const failed = cut.signal.aborted ? `no answer within ${APP_DEADLINE_MS / 1000} s` : reasonOf(error)
      return { status: 502, headers: {}, body: Buffer.from(failed), outcome: { failed, durationMs: durationMs() } }
    } finally {
      clearTimeout(deadline)
    }
  }

  #target(path: string): URL {
    const { pathname, search } = this.to
    return pathname === '/' && search === '' ? new URL(`${this.to.origin}${path}`) : this.to
  }
}

function forwardable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.has(name)))
}

function heeded(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    ANSWER_HEADERS.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])),
  )
}

async function firstBytes(body: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > ANSWER_BOUND) break
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BOUND)
}

/** `ECONNREFUSED` rather than «fetch failed». */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code || (error instanceof Error ? error.message : String(error))
}
