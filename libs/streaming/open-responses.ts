import { Injectable } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Settings } from '#config'
import { Clock } from '#kernel'
import type { Holding, ResponsePlaces } from './held-response.js'
import { JsonWait } from './json-wait.js'
import { SseWriter } from './sse-writer.js'
import { StreamEnds } from './stream-ends.js'
import { tooManyStreams } from './streaming.errors.js'

/** Opens the long responses of this process and ends them when it stops. */
@Injectable()
export class OpenResponses {
  readonly #open = new Set<SseWriter | JsonWait>()
  readonly #endless = new Set<SseWriter>()
  readonly #emptied = new Set<() => void>()
  readonly #admitted = new Set<FastifyReply['raw']>()
  #closed = false

  constructor(
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly ends: StreamEnds,
  ) {}

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Resolves once none is open. */
  emptied(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#emptied.add(resolve))
  }

  /**
   * Takes a place among the responses that may be held at once, until the answer is over, whatever it becomes. To be
   * called before anything is written that a refusal would leave behind. A client that has left already takes none: its
   * leaving is told once. @throws AppError `too_many_streams`.
   */
  admit({ raw }: FastifyReply): void {
    if (raw.destroyed) return
    const { maxStreams } = this.settings.http
    if (this.#admitted.size >= maxStreams) throw tooManyStreams(maxStreams)
    this.#admitted.add(raw)
    raw.once('close', () => this.#admitted.delete(raw))
  }

  /** Answers with an event stream; after this, faults go in band. */
  openEventStream(reply: FastifyReply, places: ResponsePlaces): SseWriter {
    return this.#keep(SseWriter.open(reply, this.#holding(places), places))
  }

  /** The same for one that no run's end ends. */
  openEndlessStream(reply: FastifyReply, places: ResponsePlaces): SseWriter {
    const writer = this.openEventStream(reply, places)
    if (writer.done.aborted) return writer
    this.#endless.add(writer)
    writer.done.addEventListener('abort', () => this.#endless.delete(writer), { once: true })
    return writer
  }

  /** Cuts the streams that would not end by themselves: their clients reconnect. */
  closeEndless(): void {
    for (const writer of this.#endless) writer.shutDown()
  }

  /** Answers with JSON that comes later (wait, join); after this, faults go in band. */
  openJsonWait(reply: FastifyReply, places: ResponsePlaces): JsonWait {
    return this.#keep(JsonWait.open(reply, this.#holding(places), places))
  }

  /** Shutdown: streams are cut, waits are told; later ones end as they open. */
  closeAll(): void {
    this.#closed = true
    for (const response of this.#open) response.shutDown()
  }

  #holding({ contentLocation, location }: ResponsePlaces): Holding {
    const place = contentLocation ?? location ?? ''
    return { clock: this.clock, onEnd: (reason) => this.ends.note(place, reason) }
  }

  #keep<Response extends SseWriter | JsonWait>(response: Response): Response {
    if (this.#closed) response.shutDown()
    if (response.done.aborted) return response
    this.#open.add(response)
    response.done.addEventListener('abort', () => this.#leave(response), { once: true })
    return response
  }

  #leave(response: SseWriter | JsonWait): void {
    this.#open.delete(response)
    if (this.#open.size > 0) return
    for (const resolve of this.#emptied) resolve()
    this.#emptied.clear()
  }
}
