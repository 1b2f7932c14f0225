import { isJsonObject, startRefused } from '#kernel'
import { type AuthEvent, HANDLER_NAMES, handlerNames } from './auth-events.js'

/** A handler of the project's `Auth`. */
export type AuthCallback = (question: Readonly<Record<string, unknown>>) => unknown

/** The project's authenticator. */
export type AuthenticateCallback = (request: Request) => unknown

/** Where the SDK's `Auth` keeps what was registered: a plain object, so that any copy of the SDK will do. */
const CACHE = '~handlerCache'

/** What the project has registered on its `Auth` object (`auth.path`). */
export class AuthHandlers {
  private constructor(
    readonly authenticate: AuthenticateCallback,
    private readonly callbacks: ReadonlyMap<string, AuthCallback>,
  ) {}

  /**
   * @param label how messages name where it comes from.
   * @throws AppError `start_refused` when it is no `Auth`, or authenticates nobody.
   */
  static of(exported: unknown, label: string): AuthHandlers {
    const cache = isObject(exported) ? exported[CACHE] : null
    if (!isObject(cache)) throw startRefused(`${label}: ${NO_AUTH}`)
    const { authenticate, callbacks } = cache
    if (typeof authenticate !== 'function') throw startRefused(`${label}: ${AUTHENTICATES_NOBODY}`)
    return new AuthHandlers(authenticate as AuthenticateCallback, callbacksIn(callbacks, label))
  }

  /** The most specific handler of an event; null when none is for it. */
  handlerOf(event: AuthEvent): AuthCallback | null {
    const name = handlerNames(event).find((candidate) => this.callbacks.has(candidate))
    return name === undefined ? null : (this.callbacks.get(name) ?? null)
  }
}

/** A handler that would never be asked, or cannot be, leaves open what it was written to close. */
function callbacksIn(registered: unknown, label: string): ReadonlyMap<string, AuthCallback> {
  const callbacks = new Map<string, AuthCallback>()
  for (const [name, callback] of Object.entries(isJsonObject(registered) ? registered : {})) {
    if (!HANDLER_NAMES.has(name)) {
      const known = [...HANDLER_NAMES].toSorted().join(', ')
      throw startRefused(`${label}: a handler for "${name}" is never asked. Write one of ${known}.`)
    }
    if (typeof callback !== 'function') {
      throw startRefused(`${label}: the handler for "${name}" is no function. Pass one to .on(…).`)
    }
    callbacks.set(name, callback as AuthCallback)
  }
  return callbacks
}

const NO_AUTH =
  'the export is no Auth object of "@langchain/langgraph-sdk/auth". Export new Auth().authenticate(…) itself.'
const AUTHENTICATES_NOBODY = 'the Auth object has no authenticate handler. Call .authenticate(…) on it.'

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
