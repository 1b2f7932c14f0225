import { Agent as HttpAgent, type AgentOptions, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type OnConnection, openPinned, type PinnedOptions, pinnedKey } from './pinned-connection.js'
import type { ProxyTunnel } from './proxy-tunnel.js'

/** How many unused sockets an agent keeps, of all hosts together: callers name the hosts. */
export const MAX_KEPT_SOCKETS = 256

/** How long a socket is kept unused, in ms; a receiver's `Keep-Alive: timeout` may shorten it. */
const KEPT_MS = 30_000

/** When TCP probes an idle connection, in ms. What axios sets on every socket: another value would be a system call each. */
const PROBE_AFTER_MS = 60_000

/** How long a connect to one of several addresses may take before the next is tried, in ms. */
const NEXT_ADDRESS_AFTER_MS = 1_000

/** Connects only to judged addresses, and never reuses a socket for another set of them. */
export class PinnedHttpAgent extends HttpAgent {
  readonly #tunnel: ProxyTunnel | null

  constructor(keepAlive: boolean, tunnel: ProxyTunnel | null) {
    super(agentOptions(keepAlive))
    this.#tunnel = tunnel
  }

  override getName(options: ClientRequestArgs & PinnedOptions = {}): string {
    return `${super.getName(options)}|${pinnedKey(options)}`
  }

  override createConnection(options: ClientRequestArgs & PinnedOptions, callback?: OnConnection) {
    const connect = (more: ClientRequestArgs & { socket?: Socket }) => more.socket ?? super.createConnection(more)
    return openPinned(options, this.#tunnel, connect, callback)
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const kept: unknown = super.keepSocketAlive(socket)
    return kept !== false && hasRoom(this)
  }
}

/** The same over TLS. */
export class PinnedHttpsAgent extends HttpsAgent {
  readonly #tunnel: ProxyTunnel | null

  constructor(keepAlive: boolean, tunnel: ProxyTunnel | null) {
    super(agentOptions(keepAlive))
    this.#tunnel = tunnel
  }

  override getName(options: RequestOptions & PinnedOptions = {}): string {
    return `${super.getName(options)}|${pinnedKey(options)}`
  }

  override createConnection(options: RequestOptions & PinnedOptions, callback?: OnConnection) {
    return openPinned(options, this.#tunnel, (more) => super.createConnection(more), callback)
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const kept: unknown = super.keepSocketAlive(socket)
    return kept !== false && hasRoom(this)
  }
}

function agentOptions(keepAlive: boolean): AgentOptions {
  return {
    keepAlive,
    keepAliveMsecs: PROBE_AFTER_MS,
    ...(keepAlive && { timeout: KEPT_MS }),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
  } as AgentOptions
}

function hasRoom(agent: HttpAgent): boolean {
  const kept = Object.values(agent.freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0)
  return kept < MAX_KEPT_SOCKETS
}
