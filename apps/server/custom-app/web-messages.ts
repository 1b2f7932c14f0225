import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'

/** Headers of one connection alone, which no message carries on to another. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'expect', 'te']

/** Whether a request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** The headers of a Node message, each value of a repeated one by itself. */
export function webHeaders(raw: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index < raw.rawHeaders.length; index += 2) {
    const name = raw.rawHeaders[index] ?? ''
    if (!HOP_BY_HOP.includes(name.toLowerCase())) headers.append(name, raw.rawHeaders[index + 1] ?? '')
  }
  return headers
}

/** The methods that the fetch standard has no request for. */
const NOT_FETCHED = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** Whether a request of this method can be one of the fetch standard: the project's code gets no others. */
export function isFetched(method: string): boolean {
  return !NOT_FETCHED.has(method)
}

/** What ends a host in an address, or goes before it: in a `Host` it would move the path elsewhere. */
const NOT_OF_A_HOST = /[/\\?#@]/

/** The address of a request to this server, with a path of the caller's choice. A `Host` that is none does not count. */
export function urlOf({ host = 'localhost' }: IncomingHttpHeaders, path: string): string {
  const origin = `http://${host}`
  return `${!NOT_OF_A_HOST.test(host) && URL.canParse(origin) ? origin : 'http://localhost'}${path}`
}

/** The headers as Node sends them; the length is left out, since the body may be another by now. */
export function nodeHeaders(headers: Headers): Record<string, string> {
  const sent = Object.fromEntries(headers)
  for (const name of [...HOP_BY_HOP, 'content-length']) delete sent[name]
  return sent
}

const WITHOUT_BODY = new Set([204, 205, 304])

/** A Node answer as the fetch standard has it; its body breaks where the answer breaks. */
export function webResponse(raw: IncomingMessage): Response {
  const status = raw.statusCode ?? 500
  if (WITHOUT_BODY.has(status)) raw.resume()
  const body = WITHOUT_BODY.has(status) ? null : (Readable.toWeb(raw) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers: webHeaders(raw) })
}

/** Sends a fetch answer; ends when it is sent. @throws when either side breaks off: then the connection is broken too. */
export async function sendResponse(response: Response, raw: ServerResponse): Promise<void> {
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie' && !HOP_BY_HOP.includes(name)) raw.setHeader(name, value)
  }
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) raw.setHeader('set-cookie', cookies)
  raw.writeHead(response.status)
  if (response.body === null || raw.req.method === 'HEAD') {
    await response.body?.cancel()
    raw.end()
    return
  }
  raw.flushHeaders()
  await pipeline(Readable.fromWeb(response.body as NodeReadableStream), raw)
}
