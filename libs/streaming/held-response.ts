import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Clock, Timer } from '#kernel'
import { startSteadyBeat } from './steady-beat.js'

/** Keep-alive interval of streams and waits, in ms (contract 5.7 and 6.5). */
export const BEAT_MS = 5_000

/** How long a client may leave what was sent to it unread, in ms. */
export const DRAIN_DEADLINE_MS = 30_000

/** Where the run of this response is found; null leaves the header out. */
export interface ResponsePlaces {
  /** Ends right after the run id (contract 5.1). */
  readonly contentLocation?: string | null
  /** Where a client reconnects: a path without the mount prefix (contract 6.6). */
  readonly location?: string | null
}

/**
 * A response taken over from Fastify: headers go out at once, a beat keeps it alive, and it ends in one of three ways:
 * `end` (the client has everything), `cut` (the client sees a broken body and reconnects), or the client leaves.
 */
export class HeldResponse {
  readonly #left = new AbortController()
  readonly #done = new AbortController()
  readonly #beat: Timer

  private constructor(
    private readonly raw: ServerResponse,
    private readonly clock: Clock,
    beatText: string,
  ) {
    this.#beat = startSteadyBeat(clock, BEAT_MS, () => void raw.write(beatText))
    raw.on('close', () => this.#leave())
    // A write to a socket that is gone: the same as a client that left.
    raw.on('error', () => this.#leave())
    if (raw.destroyed) this.#leave()
  }

  /** Hijacks the reply, with the headers it already has (CORS, request id), and sends status and headers. */
  static take(reply: FastifyReply, clock: Clock, headers: Record<string, string>, beatText: string): HeldResponse {
    reply.hijack()
    const raw = reply.raw
    const held = new HeldResponse(raw, clock, beatText)
    if (held.done.aborted) return held
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, headers)
    raw.flushHeaders()
    return held
  }

  /** Aborts when the client has left or reads no more; neither at the end nor at a shutdown. */
  get closed(): AbortSignal {
    return this.#left.signal
  }

  /** Aborts when the response is over in any way. */
  get done(): AbortSignal {
    return this.#done.signal
  }

  /** Sends text and waits until the client takes more; one that does not for 30 s counts as gone. */
  async send(text: string): Promise<void> {
    if (this.done.aborted || this.raw.write(text)) return
    await this.#drained()
  }

  /** Sends the last text and ends the body cleanly. */
  end(text = ''): void {
    if (this.done.aborted) return
    this.#finish()
    this.raw.end(text)
  }

  /** Breaks the connection, so that the client knows there is more. */
  cut(): void {
    if (this.done.aborted) return
    this.#finish()
    this.raw.destroy()
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const deadline = this.clock.after(DRAIN_DEADLINE_MS, () => {
        this.#leave()
        this.raw.destroy()
      })
      const settle = () => {
        deadline.cancel()
        this.raw.off('drain', settle)
        this.done.removeEventListener('abort', settle)
        resolve()
      }
      this.raw.once('drain', settle)
      this.done.addEventListener('abort', settle, { once: true })
    })
  }

  #leave(): void {
    if (this.done.aborted) return
    this.#left.abort()
    this.#finish()
  }

  #finish(): void {
    this.#beat.cancel()
    this.#done.abort()
  }
}

/** `Content-Location` and `Location` of a response. */
export function placeHeaders(places: ResponsePlaces): Record<string, string> {
  return {
    ...(places.contentLocation ? { 'content-location': places.contentLocation } : {}),
    ...(places.location ? { location: places.location } : {}),
  }
}
