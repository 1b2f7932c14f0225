import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Clock, Timer } from '#kernel'
import { startSteadyBeat } from './steady-beat.js'
import type { EndReason } from './stream-ends.js'

/** Keep-alive interval of streams and waits, in ms (contract 5.7 and 6.5). */
export const BEAT_MS = 5_000

/** How long a client may leave what was sent to it unread, in ms. */
export const DRAIN_DEADLINE_MS = 30_000

/** How long a client may take for the rest of an answer that has ended, in ms: what it has not read is in our memory. */
export const END_DEADLINE_MS = 120_000

/** How long the last words before a cut may take to be sent, in ms. */
const LAST_WORDS_MS = 1_000

/** Where the run of this response is found; null leaves the header out. */
export interface ResponsePlaces {
  /** Ends right after the run id (contract 5.1). */
  readonly contentLocation?: string | null
  /** Where a client reconnects: a path without the mount prefix (contract 6.6). */
  readonly location?: string | null
}

/** What every response is held with. */
export interface Holding {
  readonly clock: Clock
  /** Told once, why it is over. */
  readonly onEnd: (reason: EndReason) => void
}

/** What one kind of response is held with. */
export interface HoldOptions extends Holding {
  readonly headers: Record<string, string>
  /** What keeps it alive. */
  readonly beatText: string
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
    private readonly options: HoldOptions,
  ) {
    this.#beat = startSteadyBeat(options.clock, BEAT_MS, () => void raw.write(options.beatText))
    raw.on('close', () => this.#leave('left'))
    // A write to a socket that is gone: the same as a client that left.
    raw.on('error', () => this.#leave('left'))
    if (raw.destroyed) this.#leave('left')
  }

  /** Hijacks the reply, with the headers it already has (CORS, request id), and sends status and headers. */
  static take(reply: FastifyReply, options: HoldOptions): HeldResponse {
    reply.hijack()
    const raw = reply.raw
    const held = new HeldResponse(raw, options)
    if (held.done.aborted) return held
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, options.headers)
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

  /**
   * Sends text. What is returned, if anything, is to be waited for before the next: it resolves when the client takes
   * more; one that does not for 30 s counts as gone.
   */
  send(text: string): Promise<void> | undefined {
    return this.done.aborted || this.raw.write(text) ? undefined : this.#drained()
  }

  /** Sends the last text and ends the body cleanly. */
  end(text = ''): void {
    if (this.done.aborted) return
    this.#finish('finished')
    this.raw.end(text)
    const deadline = this.options.clock.after(END_DEADLINE_MS, () => this.raw.destroy())
    this.raw.once('close', () => deadline.cancel())
  }

  /**
   * Breaks the connection, so that the client knows there is more. `words` go before it where the client still takes
   * them at once; they must be nothing that it would take for content.
   */
  cut(reason: EndReason, words = ''): void {
    if (this.done.aborted) return
    this.#finish(reason)
    if (words === '' || this.raw.writableNeedDrain) {
      this.raw.destroy()
      return
    }
    const deadline = this.options.clock.after(LAST_WORDS_MS, () => this.raw.destroy())
    this.raw.write(words, () => {
      deadline.cancel()
      this.raw.destroy()
    })
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const deadline = this.options.clock.after(DRAIN_DEADLINE_MS, () => {
        this.#leave('unread')
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

  #leave(reason: EndReason): void {
    if (this.done.aborted) return
    this.#left.abort()
    this.#finish(reason)
  }

  #finish(reason: EndReason): void {
    this.#beat.cancel()
    this.#done.abort()
    this.options.onEnd(reason)
  }
}

/** `Content-Location` and `Location` of a response. */
export function placeHeaders(places: ResponsePlaces): Record<string, string> {
  return {
    ...(places.contentLocation ? { 'content-location': places.contentLocation } : {}),
    ...(places.location ? { location: places.location } : {}),
  }
}
