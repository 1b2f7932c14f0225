/** What this server answered to one of its own webhooks. */
export interface LoopbackAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * Takes path webhooks inside this process: the custom routes of `http.app`, the inspector. Never a built-in or admin
 * route. The injection token.
 */
export abstract class LoopbackTarget {
  /** Whether anything here takes path webhooks like this one; if nothing does, it is refused when the run is created. */
  abstract takes(path: string): boolean
  /**
   * Hands the request over; a path that no route takes answers 404. When `signal` aborts, the answer's body ends with
   * what has arrived of it. @throws Error at once when it aborts before there is a status.
   */
  abstract post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<LoopbackAnswer>
}
