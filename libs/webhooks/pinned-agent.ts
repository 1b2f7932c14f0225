import { Agent as HttpAgent, type AgentOptions, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { normalAddress } from './address-policy.js'

/** Code of the error that ends a connection to an address that was not judged. */
export const UNJUDGED_ADDRESS = 'ERR_UNJUDGED_ADDRESS'

/** Added to a request's options: the addresses that its socket may be connected to, in one spelling each. */
export interface PinnedOptions {
  readonly pinned?: readonly string[]
}

/** Connects only to judged addresses, and never reuses a socket for another set of them. */
export class PinnedHttpAgent extends HttpAgent {
  constructor(options: AgentOptions) {
    super(options)
  }

  override getName(options: ClientRequestArgs & PinnedOptions = {}): string {
    return `${super.getName(options)}|${pinnedKey(options)}`
  }

  override createConnection(
    options: ClientRequestArgs & PinnedOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    return guardSocket(super.createConnection(options, callback), options)
  }
}

/** The same over TLS. */
export class PinnedHttpsAgent extends HttpsAgent {
  override getName(options: RequestOptions & PinnedOptions = {}): string {
    return `${super.getName(options)}|${pinnedKey(options)}`
  }

  override createConnection(
    options: RequestOptions & PinnedOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    return guardSocket(super.createConnection(options, callback), options)
  }
}

function pinnedKey({ pinned = [] }: PinnedOptions): string {
  return [...pinned].sort().join(',')
}

/** Looks once more at what is really connected to, before the first byte is written. */
function guardSocket(stream: Duplex | null | undefined, { pinned = [] }: PinnedOptions): Duplex | null | undefined {
  if (!(stream instanceof Socket)) throw new Error('expected a socket')
  // In front of the listeners that write the TLS greeting or the request.
  stream.prependOnceListener('connect', () => {
    const remote = stream.remoteAddress
    if (remote !== undefined && pinned.includes(normalAddress(remote))) return
    stream.destroy(Object.assign(new Error('connected to an address that was not judged'), { code: UNJUDGED_ADDRESS }))
  })
  return stream
}
