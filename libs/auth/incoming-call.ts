import type { IncomingHttpHeaders } from 'node:http'

/** As much of a request as tells who makes it. */
export interface IncomingCall {
  readonly headers: IncomingHttpHeaders
  /** The socket's peer; undefined where there is none. */
  readonly remoteAddress: string | undefined
  /** The request as the project's authenticator reads it, without its body. */
  toRequest(): Request
}
