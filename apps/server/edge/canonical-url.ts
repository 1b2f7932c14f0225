const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i
const UNRESERVED = /%(?:2[DE]|3\d|4[1-9A-F]|5[\dAF]|6[1-9A-F]|7[\dAE])/gi

/**
 * The target of a request in the one form by which everything judges it: the router, the switches, CORS and the
 * project's own app. Without scheme and host (RFC 9112 section 3.2.2), without dot segments, and with the escapes
 * decoded that need none (RFC 3986 section 6.2.2); else a request could pass for one of another path.
 */
export function canonicalUrl(target: string): string {
  if (target === '*') return target
  const relative = target.replace(ABSOLUTE_FORM, '')
  const end = relative.search(/[?#]/)
  const path = end < 0 ? relative : relative.slice(0, end)
  const rest = end < 0 ? '' : relative.slice(end)
  const { pathname } = new URL(`http://localhost${path.startsWith('/') ? '' : '/'}${path}`)
  return `${pathname.replace(UNRESERVED, decodeURIComponent)}${rest}`
}
