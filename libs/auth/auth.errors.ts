import { validateHeaderName, validateHeaderValue } from 'node:http'
import { AppError, defineError } from '#kernel'

/** Nobody who may use this server (contract 15). */
export const unauthorized = defineError({
  code: 'unauthorized',
  status: 401,
  message: () => 'Unauthorized',
})

/** A handler has answered `false` (contract 1.7). */
export const forbidden = defineError({
  code: 'forbidden',
  status: 403,
  message: () => 'Forbidden',
})

/** A handler restricts by metadata what has none: to ignore it would open what it closes. */
export const filterWithoutMetadata = defineError({
  code: 'filter_without_metadata',
  status: 403,
  level: 'warn',
  message: (event: string) =>
    `Forbidden: store items have no metadata that a filter could match; add a handler for "store" or "${event}"`,
})

/** The project's authentication has not answered in time. */
export const authTimedOut = defineError({
  code: 'auth_timed_out',
  status: 503,
  message: () => 'The authentication of this server did not answer in time',
})

/** The project's own code is wrong: the caller learns nothing of it. */
export const authFaulty = defineError({
  code: 'auth_faulty',
  status: 500,
  message: () => 'Internal Server Error',
})

/** As above, with the reason for the log. */
export function authFault(reason: string, cause?: unknown): AppError {
  return Object.assign(authFaulty(), { cause: new Error(reason, { cause }) })
}

/** What `HTTPException` of the SDK and of Hono have in common. */
interface HttpRefusal extends Error {
  readonly status: number
  readonly headers?: unknown
}

/**
 * An exception of the project's own auth code: one with an HTTP status is passed through with its words and headers
 * (contract 1.7), anything else is a fault of that code.
 */
export function authFailure(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (!isRefusal(thrown)) return authFault('the auth code failed', thrown)
  const message = thrown.message || 'Forbidden'
  return new AppError('auth_refused', thrown.status, thrown.status >= 500 ? 'error' : 'debug', message, {
    cause: thrown,
    headers: headersOf(thrown.headers),
  })
}

/** Not each error with a status: that of a failed request to an identity provider is nobody's answer. */
function isRefusal(thrown: unknown): thrown is HttpRefusal {
  if (!(thrown instanceof Error) || !('status' in thrown) || !isHttpException(thrown)) return false
  const { status } = thrown
  return typeof status === 'number' && Number.isInteger(status) && status >= 300 && status <= 599
}

/** By name, as each project has its own copy of the SDK or of Hono. */
function isHttpException(thrown: object): boolean {
  for (let kind: unknown = Object.getPrototypeOf(thrown); kind; kind = Object.getPrototypeOf(kind)) {
    if ((kind as { constructor?: { name?: unknown } }).constructor?.name === 'HTTPException') return true
  }
  return false
}

/** Headers of the answer itself are ours. */
const OWN = /^(content-.*|transfer-encoding|connection|date|keep-alive|trailer|upgrade)$/

function headersOf(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {}
  const entries = headers instanceof Headers ? [...headers] : Array.isArray(headers) ? headers : Object.entries(headers)
  const kept = new Headers()
  for (const entry of entries as [unknown, unknown][]) {
    const [name, value] = entry
    const isSendable = typeof name === 'string' && typeof value === 'string' && !OWN.test(name.toLowerCase())
    if (isSendable && isLegal(name, value)) kept.append(name, value)
  }
  return Object.fromEntries(kept)
}

function isLegal(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
