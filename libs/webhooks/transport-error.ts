import type { AttemptErrorCode } from './attempt-result.js'
import { UNJUDGED_ADDRESS } from './pinned-connection.js'
import { PROXY_FAILED } from './proxy-tunnel.js'

const CODES: Readonly<Record<string, AttemptErrorCode>> = {
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  ESERVFAIL: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  // A firewall's or the system's no: broadcast, prohibited routes.
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  ENETRESET: 'reset',
  EPIPE: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  ETIMEDOUT: 'timeout',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'timeout',
  EPROTO: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  INVALID_CA: 'tls',
  INVALID_PURPOSE: 'tls',
  PATH_LENGTH_EXCEEDED: 'tls',
  [UNJUDGED_ADDRESS]: 'blocked',
  [PROXY_FAILED]: 'proxy',
}

const PREFIXES: readonly (readonly [string, AttemptErrorCode])[] = [
  ['EAI_', 'dns'],
  ['HPE_', 'protocol'],
  ['ERR_TLS', 'tls'],
  ['ERR_SSL', 'tls'],
  ['ERR_OSSL', 'tls'],
  ['CERT_', 'tls'],
  ['CRL_', 'tls'],
  ['ERROR_IN_', 'tls'],
  ['UNABLE_TO_', 'tls'],
  ['SELF_SIGNED', 'tls'],
  ['DEPTH_ZERO', 'tls'],
]

/** Sorts what Node or axios threw by its code; what is no fault of the way (`EMFILE`) or unforeseen is `transport`. */
export function transportErrorCode(thrown: unknown): AttemptErrorCode {
  const code = codeOf(thrown)
  return CODES[code] ?? PREFIXES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'transport'
}

/** Whether a request on a kept-alive socket failed because the receiver had closed it. */
export function isClosedSocket(thrown: unknown): boolean {
  return transportErrorCode(thrown) === 'reset'
}

/** Node's code; of an attempt on several addresses, the first one's. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  return thrown instanceof AggregateError ? codeOf(thrown.errors[0]) : ''
}
