import { isIP } from 'node:net'

/** A host or `*.suffix` in normal form, or why the text is none. */
export type DomainPattern =
  { readonly ok: true; readonly pattern: string } | { readonly ok: false; readonly problem: string }

const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

/**
 * Normalises an exact host or `*.suffix` as webhooks contract 4 says: lower-case ASCII, one trailing dot removed.
 * An IPv6 address stands in brackets, as in `new URL(…).hostname`.
 */
export function parseDomainPattern(text: string): DomainPattern {
  const isWildcard = text.startsWith('*.')
  const name = isWildcard ? text.slice(2) : text
  const problem = textFault(name)
  if (problem !== null) return { ok: false, problem }
  const host = hostOf(name)
  if (host === null) return { ok: false, problem: 'is not a host' }
  if (isWildcard && (host.startsWith('[') || isIP(host) !== 0))
    return { ok: false, problem: 'puts "*." before an address' }
  return { ok: true, pattern: isWildcard ? `*.${host}` : host }
}

/** What the URL parser would silently accept, drop or read as something else. */
function textFault(name: string): string | null {
  if (name === '') return 'is empty'
  if (name === '*') return 'is "*", which would allow every host'
  if (name.includes('*')) return 'has a "*" elsewhere than in front ("*.suffix")'
  if (name.includes('://')) return 'has a scheme'
  if (/[/\\?#]/.test(name)) return 'has a path'
  if (/[\s\p{Cc}@%]/u.test(name)) return 'is not a host'
  return /^\[[0-9a-f:.]+\]$/i.test(name) || !name.includes(':')
    ? null
    : 'has a port (an IPv6 address stands in brackets)'
}

function hostOf(name: string): string | null {
  const url = `http://${name}`
  if (!URL.canParse(url)) return null
  const host = new URL(url).hostname.replace(/\.$/, '')
  return host.startsWith('[') || NAME.test(host) ? host : null
}
