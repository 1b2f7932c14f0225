import { Injectable } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Clock } from '#kernel'
import type { ResponsePlaces } from './held-response.js'
import { JsonWait } from './json-wait.js'
import { SseWriter } from './sse-writer.js'

/** Opens the long responses of this process and ends them when it stops. */
@Injectable()
export class OpenResponses {
  readonly #open = new Set<SseWriter | JsonWait>()
  readonly #endless = new Set<SseWriter>()
  readonly #emptied = new Set<() => void>()
  #closed = false

  constructor(private readonly clock: Clock) {}

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Resolves once none is open. */
  emptied(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#emptied.add(resolve))
  }

  /** Answers with an event stream; after this, faults go in band. */
  openEventStream(reply: FastifyReply, places: ResponsePlaces): SseWriter {
    return this.#keep(SseWriter.open(reply, this.clock, places))
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
    return this.#keep(JsonWait.open(reply, this.clock, places))
  }

  /** Shutdown: streams are cut, waits are told; later ones end as they open. */
  closeAll(): void {
    this.#closed = true
    for (const response of this.#open) response.shutDown()
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
