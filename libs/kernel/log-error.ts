/** All that the log tells of an error. */
export interface LoggedError {
  readonly name: string
  readonly code?: string | number
  readonly message: string
  readonly stack?: string
  readonly cause?: LoggedError
  /** Of an `AggregateError`. */
  readonly errors?: readonly LoggedError[]
}

/** How deep causes and aggregates are followed: they may go round. */
const MAX_DEPTH = 5

/** How many errors of one aggregate are written. */
const MAX_ERRORS = 10

/**
 * What may be written of something thrown: by a list of fields and not all of them, because errors carry what failed
 * (axios the request's headers and body, TypeORM the statement and its values, pg the row).
 */
export function loggedError(thrown: unknown, depth = MAX_DEPTH): LoggedError {
  if (!(thrown instanceof Error)) return loggedValue(thrown)
  const { name, message, stack, cause } = thrown
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : []
  return {
    name: String(name),
    ...codeOf(thrown),
    message: redactUrls(String(message)),
    ...(typeof stack === 'string' ? { stack: redactUrls(stack) } : {}),
    ...(cause !== undefined && depth > 0 ? { cause: loggedError(cause, depth - 1) } : {}),
    ...(errors.length > 0 && depth > 0
      ? { errors: errors.slice(0, MAX_ERRORS).map((error) => loggedError(error, depth - 1)) }
      : {}),
  }
}

/** With the user part, query and fragment of every URL in it masked; those of `file:` are places in the code. */
export function redactUrls(text: string): string {
  return text.replace(URL_IN_TEXT, (_url, scheme: string, user = '', path = '', query = '') => {
    return `${scheme}${user && '***@'}${path}${query && '?***'}`
  })
}

/** Scheme, user part, host and path, query and fragment. A password may hold what a URL would have to escape. */
const URL_IN_TEXT = /\b((?!file:)[a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/"'<>]*@)?([^\s?#"'<>]*)([?#][^\s"'<>]*)?/gi

function codeOf(error: Error): Pick<LoggedError, 'code'> {
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' || typeof code === 'number' ? { code } : {}
}

function loggedValue(thrown: unknown): LoggedError {
  if (typeof thrown === 'string') return { name: 'string', message: redactUrls(thrown) }
  return { name: typeof thrown, message: 'not an Error was thrown' }
}
