import type { WebhookProxy } from './settings.js'

/** How a proxy's URL is written, for a fault's remedy. */
export const PROXY_REMEDY =
  'Write http:// or https://, a host, a port and nothing after it; a user and password before the host, percent-encoded.'

/** Reads `http(s)://[user:password@]host[:port]`; null when it is anything else. */
export function parseWebhookProxy(text: string): WebhookProxy | null {
  // What the URL parser would drop or read as something else.
  if (!/^https?:\/\/[^\s\p{Cc}/\\?#]+\/?$/iu.test(text) || !URL.canParse(text)) return null
  const url = new URL(text)
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const port = url.port === '' ? { http: 80, https: 443 }[scheme] : Number(url.port)
  const authorization = url.username === '' && url.password === '' ? null : basicOf(url)
  if (port === 0 || authorization === undefined) return null
  return { scheme, host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, authorization }
}

/** RFC 7617: a user name cannot hold a colon. Undefined when the text is not well encoded. */
function basicOf({ username, password }: URL): string | undefined {
  try {
    const user = decodeURIComponent(username)
    if (user.includes(':')) return undefined
    return `Basic ${Buffer.from(`${user}:${decodeURIComponent(password)}`).toString('base64')}`
  } catch {
    return undefined
  }
}
