import ipaddr from 'ipaddr.js'
import type { AllowedTarget, WebhookSettings } from '#config'

/**
 * What an address is, for the question whether a webhook may go there.
 * - `public`: globally routable
 * - `loopback`, `private` (RFC 1918, CGNAT, ULA): open in `dev`, elsewhere by the allow-list
 * - `special`: not globally routable; only the allow-list opens it
 * - `never`: nothing opens it
 */
export type AddressClass = 'public' | 'loopback' | 'private' | 'special' | 'never'

/** The settings that judge addresses. */
export type AddressRules = Pick<WebhookSettings, 'url' | 'allowedTargets' | 'allowPrivateNetworks'>

/** The reason is for the log and for administrators, never for a caller. */
export type AddressJudgement = { readonly ok: true } | { readonly ok: false; readonly reason: string }

type Address = ipaddr.IPv4 | ipaddr.IPv6

const IPV4_CLASSES: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  carrierGradeNat: 'private',
  unspecified: 'never',
  broadcast: 'never',
  multicast: 'never',
  linkLocal: 'never',
}

const IPV6_CLASSES: Readonly<Record<string, AddressClass>> = {
  loopback: 'loopback',
  uniqueLocal: 'private',
  unspecified: 'never',
  multicast: 'never',
  linkLocal: 'never',
}

/** Cloud metadata and platform services that stand outside the link-local range. */
const METADATA = new Set([
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
])

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** Forms that carry an IPv4 address past whoever reads only the IPv6 one: refused whatever is inside. */
const EMBEDDING = ['::/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', '2002::/16', '2001::/32'].map((range) =>
  ipaddr.IPv6.parseCIDR(range),
)

/** Judges one address. `hostAllowed` says that its name stands in the allow-list. Not an address: refused. */
export function judgeAddress(text: string, rules: AddressRules, hostAllowed: boolean): AddressJudgement {
  if (!ipaddr.isValid(text)) return refusal(text, 'not an address')
  const address = read(text)
  const kind = classOf(text, address)
  if (kind === 'never') return refusal(text, 'an address that nothing opens')
  if (kind === 'loopback' && rules.url.disableLoopback) return refusal(text, 'loopback (webhooks.url.disable_loopback)')
  if (kind === 'public') return { ok: true }
  if (hostAllowed || rules.allowedTargets.some((target) => covers(target, address))) return { ok: true }
  if (kind !== 'special' && rules.allowPrivateNetworks) return { ok: true }
  return refusal(text, `${kind} address`)
}

/**
 * What the address is; IPv4-mapped and NAT64 forms are what the IPv4 address inside is. One with a zone is bound to a
 * link of this machine: never. @throws when malformed.
 */
export function classifyAddress(text: string): AddressClass {
  return classOf(text, read(text))
}

/** Whether the text is a loopback address. */
export function isLoopbackAddress(text: string): boolean {
  return ipaddr.isValid(text) && classifyAddress(text) === 'loopback'
}

/** One spelling per address, for comparing; IPv4 inside IPv6 becomes IPv4. @throws Error when malformed. */
export function normalAddress(text: string): string {
  return read(text).toString()
}

/** Whether the text is an IPv4 or IPv6 address as `URL.hostname` writes it, without brackets. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
}

function refusal(address: string, reason: string): AddressJudgement {
  return { ok: false, reason: `${address}: ${reason}` }
}

/** The dotted form of an IPv4-compatible address is read by ipaddr.js as IPv4-mapped: URL writes it in groups first. */
function read(text: string): Address {
  const isMixed = text.includes(':') && text.includes('.') && !text.includes('%')
  return unwrap(ipaddr.parse(isMixed ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text))
}

function unwrap(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
}

/** `address` is what was read from `text`, which tells of a zone. */
function classOf(text: string, address: Address): AddressClass {
  return text.includes('%') ? 'never' : classify(address)
}

function classify(address: Address): AddressClass {
  if (METADATA.has(address.toString())) return 'never'
  if (address instanceof ipaddr.IPv4) return IPV4_CLASSES[address.range()] ?? 'special'
  const named = IPV6_CLASSES[address.range()]
  if (named) return named
  if (EMBEDDING.some((range) => address.match(range))) return 'never'
  // ipaddr.js calls everything `unicast` that it has no name for; only 2000::/3 is given out.
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST) ? 'public' : 'special'
}

function covers(target: AllowedTarget, address: Address): boolean {
  if (target.kind !== 'cidr') return false
  const network = ipaddr.parse(target.address)
  if (address instanceof ipaddr.IPv4) {
    return network instanceof ipaddr.IPv4 && address.match(network, target.prefixLength)
  }
  return network instanceof ipaddr.IPv6 && address.match(network, target.prefixLength)
}
