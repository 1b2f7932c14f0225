import type { CorsSettings } from '#config'

/** Header names to values. */
export type Headers = Readonly<Record<string, string>>

/** What a browser asks before the real request. */
export interface Preflight {
  readonly origin: string
  readonly requestedHeaders: string | undefined
}

/** `http.cors` (contract 1.12), as headers. */
export class CorsPolicy {
  readonly #pattern: RegExp | null

  constructor(private readonly settings: CorsSettings) {
    this.#pattern = settings.originRegex === null ? null : new RegExp(`^(?:${settings.originRegex})$`, 'u')
  }

  /** Headers of an ordinary answer to this origin; none when it is not allowed. */
  answerHeaders(origin: string): Headers {
    if (!this.#allows(origin)) return this.#varies()
    return { ...this.#allowOrigin(origin), 'access-control-expose-headers': this.settings.exposeHeaders.join(', ') }
  }

  /** Headers of the answer to a preflight; without `access-control-allow-origin` the browser gives up. */
  preflightHeaders({ origin, requestedHeaders }: Preflight): Headers {
    if (!this.#allows(origin)) return this.#varies()
    const { headers, methods, maxAgeSeconds } = this.settings
    const allowed = headers.includes('*') ? requestedHeaders : headers.join(', ')
    return {
      ...this.#allowOrigin(origin),
      'access-control-allow-methods': methods.join(', '),
      ...(allowed ? { 'access-control-allow-headers': allowed } : {}),
      'access-control-max-age': String(maxAgeSeconds),
    }
  }

  #allows(origin: string): boolean {
    const { origins } = this.settings
    return origins.includes('*') || origins.includes(origin) || this.#pattern?.test(origin) === true
  }

  #allowOrigin(origin: string): Headers {
    const { origins, credentials } = this.settings
    return {
      ...this.#varies(),
      'access-control-allow-origin': origins.includes('*') ? '*' : origin,
      ...(credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    }
  }

  /** Caches must not give one site's answer to another where answers differ by origin. */
  #varies(): Headers {
    return this.settings.origins.includes('*') ? {} : { vary: 'Origin' }
  }
}
