import { request as openRequest, type Server } from 'node:http'
import { duplexPair, type Duplex, Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { nodeHeaders, webResponse } from './web-messages.js'

/** How a request goes to a server of this process. */
export interface MemoryFetchOptions {
  /** What the server shall take for the peer's address; undefined is nobody's. */
  readonly remoteAddress?: string | undefined
  /** Hears of the server's end of the connection before the server does. */
  readonly onSocket?: (socket: Duplex) => void
  /** Put before the path. */
  readonly prefix?: string
}

/**
 * `fetch` to an HTTP server of this process, without a socket: streams both ways, and an abort reaches the server as a
 * client that left. @throws when the server breaks off before the answer's headers, or the request's signal aborts.
 */
export function memoryFetch(server: Server, request: Request, options: MemoryFetchOptions = {}): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  return new Promise((resolve, reject) => {
    const outgoing = openRequest({
      method: request.method,
      path: `${options.prefix ?? ''}${pathname}${search}`,
      headers: { ...nodeHeaders(request.headers), ...framingOf(request) },
      setHost: !request.headers.has('host'),
      createConnection: () => connect(server, options),
    })
    const abort = () => outgoing.destroy(request.signal.reason as Error)
    request.signal.addEventListener('abort', abort, { once: true })
    outgoing.once('response', (answer) => resolve(webResponse(answer)))
    outgoing.once('error', reject)
    outgoing.once('close', () => request.signal.removeEventListener('abort', abort))
    if (request.signal.aborted) abort()
    else if (request.body === null) outgoing.end()
    else {
      const body = Readable.fromWeb(request.body as NodeReadableStream)
      body.once('error', (error) => outgoing.destroy(error))
      body.pipe(outgoing)
    }
  })
}

/** Node itself sends the body of a DELETE, for example, without saying where it ends. */
function framingOf({ body }: Request): Record<string, string> {
  return body === null ? {} : { 'transfer-encoding': 'chunked' }
}

function connect(server: Server, { remoteAddress, onSocket }: MemoryFetchOptions): Duplex {
  const [near, far] = duplexPair()
  near.once('close', () => far.destroy())
  far.once('close', () => near.destroy())
  // A broken pipe is told by 'close'; without a listener it would end the process.
  far.on('error', () => undefined)
  if (remoteAddress !== undefined) Object.defineProperty(far, 'remoteAddress', { value: remoteAddress })
  onSocket?.(far)
  server.emit('connection', far)
  return near
}
