import ipaddr from 'ipaddr.js'
import { parseDomainPattern } from './domain-pattern.js'
import type { AllowedTarget } from './settings.js'

/** The shortest prefix that may be opened: a shorter one would open more than anyone means (webhooks contract 4). */
const SHORTEST_PREFIX = 8

/** One entry of `SIGNALBOX_WEBHOOK_ALLOW_HOSTS`, or why it is none. */
export type ParsedTarget =
  { readonly ok: true; readonly target: AllowedTarget } | { readonly ok: false; readonly problem: string }

/** Reads an exact host, an address or a CIDR. */
export function parseAllowedTarget(text: string): ParsedTarget {
  const [address = '', prefix, ...more] = text.replace(/^\[(.*)\]$/, '$1').split('/')
  const ip = parseAddress(address)
  if (more.length > 0) return refused('is neither a host, an address nor a CIDR')
  if (ip !== null) return parseCidr(ip, prefix)
  return prefix === undefined ? parseHost(text) : refused('is not a CIDR')
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Addresses as people write them: no octal, hexadecimal or shortened IPv4, no zone. */
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null
}

function parseCidr(ip: Address, prefix: string | undefined): ParsedTarget {
  const bits = ip.kind() === 'ipv4' ? 32 : 128
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (!(length <= bits)) return refused('has a prefix length that does not exist')
  const mapped = isMapped(ip, length)
  const network = mapped ? ip.toIPv4Address() : ip
  const prefixLength = mapped ? length - 96 : length
  if (prefixLength < SHORTEST_PREFIX) return refused(`has a prefix shorter than /${SHORTEST_PREFIX}`)
  return { ok: true, target: { kind: 'cidr', address: networkOf(network, prefixLength), prefixLength } }
}

/** IPv4-mapped addresses are judged as the IPv4 inside, so they are stored as it. */
function isMapped(ip: Address, length: number): ip is ipaddr.IPv6 {
  return ip.kind() === 'ipv6' && length >= 96 && (ip as ipaddr.IPv6).isIPv4MappedAddress()
}

function networkOf(ip: Address, prefixLength: number): string {
  const family = ip.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  return family.networkAddressFromCIDR(`${ip.toString()}/${prefixLength}`).toString()
}

function parseHost(text: string): ParsedTarget {
  const parsed = parseDomainPattern(text)
  if (!parsed.ok) return refused(parsed.problem)
  if (parsed.pattern.startsWith('*.')) return refused('has a "*", and only exact hosts are taken')
  if (parseAddress(parsed.pattern) !== null) return refused('is an address in an unusual form')
  return { ok: true, target: { kind: 'host', host: parsed.pattern } }
}

function refused(problem: string): ParsedTarget {
  return { ok: false, problem }
}
