import { type JsonObject, storableText } from '#kernel'

/** Who calls, as authentication has found it. */
export interface Caller {
  /** Unique among all users; what `langgraph_auth_user_id` says. */
  readonly identity: string
  readonly permissions: readonly string[]
  /** All that authentication said of the caller, with `identity`, `display_name`, `is_authenticated` and `permissions`. */
  readonly user: JsonObject
}

/** What graphs read of the caller in `config.configurable` (contract 1.8); nothing where nobody is known. */
export function identityKeys(caller: Caller | null): JsonObject {
  if (caller === null) return {}
  return {
    langgraph_auth_user: caller.user,
    langgraph_auth_user_id: caller.identity,
    langgraph_auth_permissions: [...caller.permissions],
  }
}

/** The caller whom `identityKeys` has written down; null where there is none. */
export function callerIn(configurable: JsonObject): Caller | null {
  const user = configurable['langgraph_auth_user']
  return typeof user === 'object' && user !== null ? callerOf(user as JsonObject) : null
}

/**
 * Puts what is absent into what an authenticator has returned. Null when it names nobody: no identity, one
 * that the database cannot hold (it would be stored as another's), or `is_authenticated: false`.
 */
export function callerOf(user: JsonObject): Caller | null {
  const { identity, permissions, display_name: name, is_authenticated: isAuthenticated } = user
  if (typeof identity !== 'string' || identity === '' || isAuthenticated === false) return null
  if (identity !== storableText(identity)) return null
  const granted = Array.isArray(permissions) ? permissions.filter((one) => typeof one === 'string') : []
  const displayName = typeof name === 'string' ? name : identity
  const whole = { ...user, identity, permissions: granted, display_name: displayName, is_authenticated: true }
  return { identity, permissions: granted, user: whole }
}
