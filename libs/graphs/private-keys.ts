import { isJsonObject, type JsonObject } from '#kernel'

const PRIVATE_NAMES = new Set(['x-api-key', 'x-admin-key', 'x-tenant-id', 'x-service-key', 'authorization', 'cookie'])
const PRIVATE_FRAGMENT = /auth|token|secret|cookie|jwt|oidc|session|password|credential|signature/

/**
 * Whether a key of `configurable` must never be shown or stored in a checkpoint's metadata: LangGraph's own (`__*`),
 * the caller's identity, and headers that carry secrets (contract 1.8 and 2.3). A key without a hyphen is no header:
 * `max_tokens` stays.
 */
export function isPrivateKey(key: string): boolean {
  const name = key.toLowerCase()
  if (name.startsWith('__') || name.startsWith('langgraph_auth')) return true
  return PRIVATE_NAMES.has(name) || (name.includes('-') && hasSecretWord(name))
}

/** Whether a lower-case name holds a word that stands for a secret (contract 1.8). */
export function hasSecretWord(name: string): boolean {
  return PRIVATE_FRAGMENT.test(name)
}

/** A copy without the private keys. */
export function withoutPrivateKeys(configurable: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(configurable).filter(([key]) => !isPrivateKey(key)))
}

/** A config without internal keys and secret headers (contract 1.8), at the top and in `configurable`. */
export function shownConfig(config: JsonObject): JsonObject {
  const shown = withoutPrivateKeys(config)
  const { configurable } = shown
  return isJsonObject(configurable) ? { ...shown, configurable: withoutPrivateKeys(configurable) } : shown
}
