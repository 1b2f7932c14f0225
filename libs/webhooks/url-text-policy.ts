import type { WebhookSettings } from '#config'
import { isAddress, isLoopbackAddress, judgeAddress } from './address-policy.js'
import type { AddressRules } from './address-policy.js'
import { BAD_PORTS } from './bad-ports.js'
import { matchesHostPattern } from './host-pattern.js'
import { isHostAllowed, isPrivateName } from './private-names.js'

/** Where a URL webhook goes. */
export interface UrlTarget {
  readonly kind: 'url'
  readonly scheme: 'http' | 'https'
  /** Lower-case ASCII without a trailing dot; an IPv6 address without brackets. */
  readonly host: string
  /** The host is an address: no name is looked up. */
  readonly isLiteral: boolean
  readonly port: number
  /** Path and query as the caller wrote them; only what is not ASCII is percent-encoded. */
  readonly requestPath: string
  /** Scheme, host and port: what counts as one host for limits. */
  readonly hostKey: string
}

/** A webhook for this server's own routes. */
export interface PathTarget {
  readonly kind: 'path'
  readonly path: string
  readonly hostKey: string
}

/** Where a webhook goes. */
export type WebhookTarget = UrlTarget | PathTarget

/** A broken rule. */
export interface UrlRefusal {
  readonly ok: false
  readonly rule: 'text' | 'length' | 'https' | 'domains' | 'ports' | 'loopback' | 'not_public'
  /** For the caller: names a configured rule with its key, and never says why a target is not public. */
  readonly detail: string
  /** For the log and for administrators. */
  readonly reason: string
}

/** What the text of a webhook says about it. */
export type UrlJudgement = { readonly ok: true; readonly target: WebhookTarget } | UrlRefusal

/** Every refusal of an address or name that is not public says this and no more. */
export const NOT_ALLOWED = 'webhook target is not allowed'

/** The host key of path webhooks: all of the project's own routes are one host. */
const PATH_HOST_KEY = 'path'

/**
 * A bin of the inspector is a host of its own: what a developer makes slow or fail holds up nothing else. Where there is
 * no inspector the path is one of the project's own routes.
 */
const BIN = /^\/inspector\/[^/?#]{1,100}(?=[/?#]|$)/

/** Whether a host key means this server itself. */
export function isPathHostKey(hostKey: string): boolean {
  return hostKey === PATH_HOST_KEY || hostKey.startsWith(`${PATH_HOST_KEY}:`)
}

/** What the text is judged by. */
export type TextRules = AddressRules & Pick<WebhookSettings, 'inspector'>

type Rule = (target: UrlTarget, rules: AddressRules) => UrlRefusal | null

const URL_RULES: readonly Rule[] = [requireHttps, requireDomain, requirePort, refuseLoopback, requirePublic]

/** Judges the text of a webhook: all that can be said without DNS (webhooks contract sections 1 and 4). */
export function judgeUrlText(webhook: string, rules: TextRules): UrlJudgement {
  const broken = judgeRawText(webhook, rules)
  if (broken) return broken
  if (webhook.startsWith('/')) return judgePath(webhook, rules)
  const target = parseTarget(webhook)
  if (typeof target === 'string') return refusal('text', target)
  for (const rule of URL_RULES) {
    const refused = rule(target, rules)
    if (refused) return refused
  }
  return { ok: true, target }
}

function judgeRawText(webhook: string, rules: AddressRules): UrlRefusal | null {
  const limit = rules.url.maxUrlLength
  if (isLonger(webhook, limit)) {
    return refusal('length', `must be at most ${limit} characters long (webhooks.url.max_url_length)`)
  }
  if (!/^(https?:\/\/(?![/\\])|\/(?![/\\]))/i.test(webhook)) {
    return refusal('text', 'must be an absolute http(s) URL, or a path that begins with exactly one /')
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f\\]/.test(webhook)) {
    return refusal('text', 'must not hold a control character, a space or a backslash')
  }
  return null
}

/** A character is at most two UTF-16 units: what is longer than that is not counted, however long it is. */
function isLonger(text: string, characters: number): boolean {
  return text.length > 2 * characters || (text.length > characters && Array.from(text).length > characters)
}

function judgePath(webhook: string, rules: TextRules): UrlJudgement {
  if (rules.url.disableLoopback) return refusal('loopback', 'paths are refused (webhooks.url.disable_loopback)')
  const path = withoutFragment(webhook)
  const [bin] = (rules.inspector && BIN.exec(path)) || []
  const hostKey = bin === undefined ? PATH_HOST_KEY : `${PATH_HOST_KEY}:${bin}`
  return { ok: true, target: { kind: 'path', path, hostKey } }
}

/** The target, or what is wrong with the text. */
function parseTarget(webhook: string): UrlTarget | string {
  // `s`: a line separator (U+2028) is a character of the path like any other.
  const [, authority = '', rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(webhook) ?? []
  if (authority.includes('@')) return 'must not hold a user name or password'
  const url = URL.canParse(webhook) ? new URL(webhook) : null
  if (!url) return 'is not a valid URL'
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  const labels = host.split('.')
  if (labels.includes('')) return 'must not hold an empty label in its host'
  if (host.length > MAX_HOST || labels.some((label) => label.length > MAX_LABEL)) {
    return `must name a host of at most ${MAX_HOST} letters, at most ${MAX_LABEL} of them between two dots`
  }
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  if (port === 0) return 'must not name port 0'
  const isLiteral = isAddress(host)
  const hostKey = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  return { kind: 'url', scheme, host, isLiteral, port, requestPath: requestPathOf(rest), hostKey }
}

/** What a name can be at most, in ASCII letters (RFC 1035, 2.3.4); a row would not take the longest of others. */
const MAX_HOST = 253
const MAX_LABEL = 63

const DEFAULT_PORTS = { http: 80, https: 443 } as const

function requestPathOf(rest: string): string {
  const path = withoutFragment(rest)
  return path.startsWith('/') ? path : `/${path}`
}

function withoutFragment(text: string): string {
  const [path = ''] = text.split('#', 1)
  return path.toWellFormed().replace(/[^\u0021-\u007e]+/g, encodeURIComponent)
}

function requireHttps(target: UrlTarget, { url }: AddressRules): UrlRefusal | null {
  if (!url.requireHttps || target.scheme === 'https') return null
  return refusal('https', 'must be an https URL (webhooks.url.require_https)')
}

function requireDomain(target: UrlTarget, { url }: AddressRules): UrlRefusal | null {
  if (url.allowedDomains === null) return null
  if (url.allowedDomains.some((pattern) => matchesHostPattern(pattern, target.host))) return null
  return refusal('domains', 'its host is not listed (webhooks.url.allowed_domains)')
}

function requirePort(target: UrlTarget, { url }: AddressRules): UrlRefusal | null {
  const listed = url.allowedPorts === null ? !BAD_PORTS.has(target.port) : url.allowedPorts.includes(target.port)
  if (listed) return null
  return refusal('ports', `port ${target.port} is not allowed (webhooks.url.allowed_ports)`)
}

function refuseLoopback(target: UrlTarget, { url }: AddressRules): UrlRefusal | null {
  if (!url.disableLoopback) return null
  const isName = target.host === 'localhost' || target.host.endsWith('.localhost')
  if (!isName && !isLoopbackAddress(target.host)) return null
  return refusal('loopback', 'loopback targets are refused (webhooks.url.disable_loopback)')
}

function requirePublic(target: UrlTarget, rules: AddressRules): UrlRefusal | null {
  const isListed = isHostAllowed(target.host, rules.allowedTargets)
  if (target.isLiteral) {
    const judgement = judgeAddress(target.host, rules, isListed)
    return judgement.ok ? null : notPublic(judgement.reason)
  }
  if (rules.allowPrivateNetworks || isListed || !isPrivateName(target.host)) return null
  return notPublic(`${target.host}: a name that is not public`)
}

function notPublic(reason: string): UrlRefusal {
  return { ok: false, rule: 'not_public', detail: NOT_ALLOWED, reason }
}

function refusal(rule: UrlRefusal['rule'], broken: string): UrlRefusal {
  return { ok: false, rule, detail: `webhook: ${broken}`, reason: broken }
}
