import type { HeaderPatterns } from '#config'
import { isSecretHeader } from '#graphs'
import { matchesHeader } from '#runs'

/** Never logged, whatever is configured. */
const NEVER = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-admin-key'])

/**
 * What of a request's headers goes into the log, by `http.logging_headers`: `includes` chooses, `excludes` wins. A name
 * that may carry something secret must be included in full, not by a wildcard. One that is `filled` from the environment
 * never is: webhooks of this server may come to itself (webhooks contract section 4).
 */
export function loggedHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  { includes, excludes }: HeaderPatterns,
  filled: ReadonlySet<string>,
): Record<string, unknown> {
  const isLogged = (name: string): boolean => {
    if (NEVER.has(name) || filled.has(name) || excludes.some((pattern) => matchesHeader(pattern, name))) return false
    if (isSecretHeader(name)) return includes.includes(name)
    return includes.some((pattern) => matchesHeader(pattern, name))
  }
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isLogged(name)))
}
