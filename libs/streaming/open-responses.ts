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
  #closed = false

  constructor(private readonly clock: Clock) {}

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Answers with an event stream; after this, faults go in band. */
  openEventStream(reply: FastifyReply, places: ResponsePlaces): SseWriter {
    return this.#keep(SseWriter.open(reply, this.clock, places))
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
    response.done.addEventListener('abort', () => this.#open.delete(response), { once: true })
    return response
  }
}
