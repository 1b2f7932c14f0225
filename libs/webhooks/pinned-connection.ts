import type { LookupFunction } from 'node:net'
import { isIP, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isAddress, normalAddress } from './address-policy.js'
import type { ProxyTunnel } from './proxy-tunnel.js'

/** Code of the error that ends a connection to an address that was not judged. */
export const UNJUDGED_ADDRESS = 'ERR_UNJUDGED_ADDRESS'

/** Added to a request's options. */
export interface PinnedOptions {
  /** The addresses that its socket may be connected to. */
  readonly pinned?: readonly string[]
  /** Ends a connection that is still being made through a proxy. */
  readonly cut?: AbortSignal
}

/** The options of Node's agents that matter here. */
type Target = PinnedOptions & {
  readonly host?: string | null | undefined
  readonly port?: number | string | null | undefined
}

/** Where Node's agents take a connection that is not there at once. */
export type OnConnection = (error: Error | null, stream: Duplex) => void

/** What a socket may be kept for: the same judged addresses. */
export function pinnedKey({ pinned = [] }: PinnedOptions): string {
  return pinned.toSorted().join(',')
}

/**
 * Makes a connection to a judged address: by `connect`, with a `lookup` that knows no other address, or on a socket
 * through the proxy. A literal address, for which Node calls no `lookup`, is judged before anything is opened.
 */
export function openPinned<Options extends Target>(
  options: Options,
  tunnel: ProxyTunnel | null,
  connect: (options: Options & { lookup?: LookupFunction; socket?: Socket }) => Duplex | null | undefined,
  onConnection: OnConnection | undefined,
): Duplex | null | undefined {
  const { pinned = [], host } = options
  if (host && isIP(host) !== 0 && !isPinned(host, pinned)) return fail(unjudged(), onConnection)
  if (tunnel === null) return guardSocket(connect({ ...options, lookup: pinnedLookup(pinned) }), pinned)
  void tunnel
    .open(pinned, Number(options.port), options.cut)
    .then((socket) => connect({ ...options, socket }) ?? socket)
    .then(
      (stream) => onConnection?.(null, stream),
      (error: Error) => fail(error, onConnection),
    )
  return undefined
}

/** Looks once more at what is really connected to, before the first byte is written. */
function guardSocket(stream: Duplex | null | undefined, pinned: readonly string[]): Duplex {
  if (!(stream instanceof Socket)) throw new Error('expected a socket')
  // In front of the listeners that write the TLS greeting or the request.
  stream.prependOnceListener('connect', () => {
    const remote = stream.remoteAddress
    if (remote === undefined || !isPinned(remote, pinned)) stream.destroy(unjudged())
  })
  return stream
}

/**
 * Answers every question with the judged addresses; never in the same tick, as a connect that fails at once would then
 * emit its error before `http` listens, which ends the process.
 */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, options, callback) => {
    const wanted = answers.filter(({ family }) => !options.family || options.family === family)
    const [first] = wanted
    if (options.all) process.nextTick(callback, null, wanted)
    else if (first) process.nextTick(callback, null, first.address, first.family)
    else process.nextTick(callback, noAddress(), '')
  }
}

function isPinned(address: string, pinned: readonly string[]): boolean {
  const normal = normalAddress(address)
  return pinned.some((judged) => isAddress(judged) && normalAddress(judged) === normal)
}

function fail(error: Error, onConnection: OnConnection | undefined): undefined {
  // Node's agents look at the stream only where there is no error.
  process.nextTick(() => onConnection?.(error, undefined as never))
}

function unjudged(): Error {
  return Object.assign(new Error('an address that was not judged'), { code: UNJUDGED_ADDRESS })
}

function noAddress(): Error {
  return Object.assign(new Error('no judged address of this family'), { code: 'ENOTFOUND' })
}
