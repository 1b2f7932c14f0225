import { isJsonObject, type JsonObject } from '#kernel'

const SECRET_HEADERS = new Set(['x-api-key', 'x-admin-key', 'x-tenant-id', 'x-service-key'])
const SECRET_WORD = /auth|token|secret|cookie|jwt|oidc|session|password|credential|signature/

/**
 * Whether a key of `configurable` must never be shown or stored in a checkpoint's metadata: LangGraph's own (`__*`),
 * the caller's identity, and headers that carry secrets (contract 1.8 and 2.3). A key without a hyphen is no header:
 * `max_tokens` stays.
 */
export function isPrivateKey(key: string): boolean {
  const name = key.toLowerCase()
  if (name.startsWith('__') || isIdentityKey(name)) return true
  return name === 'authorization' || name === 'cookie' || (name.includes('-') && isSecretHeader(name))
}

/** Whether a key says who the caller is (contract 1.8): only authentication may set it. */
export function isIdentityKey(key: string): boolean {
  return key.toLowerCase().startsWith('langgraph_auth')
}

/** Whether a header of this lower-case name may carry something secret (contract 1.8). */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name) || SECRET_WORD.test(name)
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
