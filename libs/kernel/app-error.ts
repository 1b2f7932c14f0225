/** The level at which an error is logged when it reaches the edge. */
export type ErrorLevel = 'debug' | 'info' | 'warn' | 'error'

/** What is fixed about one kind of error. */
export interface ErrorSpec<Args extends unknown[]> {
  /** Stable, snake_case, unique in the whole program; tests and logs name it. */
  readonly code: string
  /** HTTP status at the edge (contract section 15). */
  readonly status: number
  /** Default `debug` for 4xx and `error` for 5xx. */
  readonly level?: ErrorLevel
  /** Further headers of the answer, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>
  /** The text the caller reads as `detail`; never holds a secret. */
  readonly message: (...args: Args) => string
}

/**
 * The one error class of the program. Rooms make it with `defineError` where the cause is known;
 * the HTTP filter turns it into `{"detail": message}`.
 */
export class AppError extends Error {
  /** Further headers of the answer, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    readonly code: string,
    readonly status: number,
    readonly level: ErrorLevel,
    message: string,
    { headers = {}, ...options }: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options)
    this.name = 'AppError'
    this.headers = headers
  }
}

/** Makes instances of one kind of error. */
export interface ErrorKind<Args extends unknown[]> {
  (...args: Args): AppError
  readonly code: string
  readonly status: number
}

const catalogue = new Map<string, ErrorKind<never>>()

/** Adds one kind of error to the catalogue. @throws Error when the code is taken. */
export function defineError<Args extends unknown[]>(spec: ErrorSpec<Args>): ErrorKind<Args> {
  if (catalogue.has(spec.code)) throw new Error(`error code ${spec.code} is defined twice`)
  const level = spec.level ?? (spec.status >= 500 ? 'error' : 'debug')
  const { headers = {} } = spec
  const make = (...args: Args) => new AppError(spec.code, spec.status, level, spec.message(...args), { headers })
  const kind = Object.assign(make, { code: spec.code, status: spec.status })
  catalogue.set(spec.code, kind)
  return kind
}

/** Every kind of error known so far, as code and status, sorted by code. */
export function errorCatalogue(): { code: string; status: number }[] {
  return [...catalogue.values()]
    .map(({ code, status }) => ({ code, status }))
    .sort((a, b) => a.code.localeCompare(b.code))
}
