/**
 * The decoded segments of a request's path below the mount prefix, as the router sees them; null when the path cannot
 * be decoded or stands outside the prefix.
 */
export function routeSegments(url: string, mountPrefix: string): string[] | null {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  if (path !== mountPrefix && !path.startsWith(`${mountPrefix}/`)) return null
  try {
    return path
      .slice(mountPrefix.length + 1)
      .split('/')
      .map(decodeURIComponent)
  } catch {
    // A broken percent escape: the router answers 400.
    return null
  }
}

/**
 * Whether pages of other sites may read this path. Admin routes, the inspector's reading routes and the console never
 * send CORS headers (webhooks contract section 6).
 */
export function isOpenToOtherSites(url: string, mountPrefix: string): boolean {
  const segments = routeSegments(url, mountPrefix)
  if (segments === null) return false
  const [first, , third] = segments
  return first !== 'console' && first !== 'webhooks' && !(first === 'inspector' && third === 'requests')
}
