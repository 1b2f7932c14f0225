import type { HeaderPatterns } from '#config'
import { isIdentityKey, isSecretHeader } from '#graphs'
import type { JsonObject } from '#kernel'

/**
 * What of a request's headers goes into `config.configurable`, by lower-case name: `x-*` without the secret ones and
 * `user-agent`, changed by `http.configurable_headers` (`includes` adds, `excludes` wins). Who the caller is, no header
 * says.
 */
export function configurableHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  patterns: HeaderPatterns,
): JsonObject {
  const picked: JsonObject = {}
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (value !== undefined && isConfigurable(lower, patterns)) picked[lower] = joined(value)
  }
  return picked
}

function isConfigurable(name: string, { includes, excludes }: HeaderPatterns): boolean {
  if (isIdentityKey(name)) return false
  if (excludes.some((pattern) => matchesHeader(pattern, name))) return false
  if (includes.some((pattern) => matchesHeader(pattern, name))) return true
  return name === 'user-agent' || (name.startsWith('x-') && !isSecretHeader(name))
}

/** Whether a pattern (`*` is a wildcard) is of a header of this lower-case name. */
export function matchesHeader(pattern: string, name: string): boolean {
  const parts = pattern.toLowerCase().split('*').map(escapeForRegExp)
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function joined(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(', ')
}
