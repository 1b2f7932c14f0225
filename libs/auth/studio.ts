import { BlockList, isIP } from 'node:net'
import { type Caller, callerOf } from './caller.js'
import type { IncomingCall } from './incoming-call.js'

/** Whom LangGraph Studio works as (`isStudioUser` of the SDK knows it by `kind`). */
export const STUDIO_CALLER: Caller = callerOf({
  identity: 'langgraph-studio-user',
  display_name: 'langgraph-studio-user',
  kind: 'StudioUser',
})!

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Headers by which proxies and tunnels tell of each other and of whom they forward for. */
const FORWARDED = /^(forwarded|x-forwarded(-.*)?|x-original-.*|x-envoy-.*|via|x-real-ip|.*client-ip|cf-connecting-ip)$/

/**
 * Whether Studio calls from this machine (contract 1.6): with its header, over loopback, without a proxy between, and
 * to a name of this machine, which a page behind a rebound name does not have.
 */
export function isStudioCall({ headers, remoteAddress }: IncomingCall): boolean {
  if (headers['x-auth-scheme'] !== 'langsmith') return false
  if (Object.keys(headers).some((name) => FORWARDED.test(name))) return false
  return isLoopback(remoteAddress) && OWN_NAMES.has((headers.host ?? '').replace(/:\d+$/, '').toLowerCase())
}

function isLoopback(address = ''): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(plain)
  return family !== 0 && LOOPBACK.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}
