import type { FastifyReply } from 'fastify'
import { HeldResponse, type Holding, placeHeaders, type ResponsePlaces } from './held-response.js'

/** What a waiting client gets when the server stops first. */
const SHUTDOWN_JSON = JSON.stringify({
  __error__: { error: 'ServerShutdown', message: 'The server is shutting down' },
})

/** An answer whose JSON comes later, kept alive by newlines before it (contract 5.7). Made by `OpenResponses`. */
export class JsonWait {
  private constructor(private readonly held: HeldResponse) {}

  /** Answers 200 with the headers, at once. */
  static open(reply: FastifyReply, holding: Holding, places: ResponsePlaces): JsonWait {
    const headers = { 'content-type': 'application/json', ...placeHeaders(places) }
    return new JsonWait(HeldResponse.take(reply, { ...holding, headers, beatText: '\n' }))
  }

  /** Aborts when the client has left: the signal for `on_disconnect`. */
  get closed(): AbortSignal {
    return this.held.closed
  }

  /** Aborts when the answer is over in any way: the signal for what waits. */
  get done(): AbortSignal {
    return this.held.done
  }

  /** Sends the JSON text and ends; does nothing when the answer is over. */
  finish(json: string): void {
    this.held.end(json)
  }

  /** Breaks the connection, for a fault that leaves nothing to answer with. */
  cut(): void {
    this.held.cut('failed')
  }

  /** The server stops: a client without reconnection is told so in band. */
  shutDown(): void {
    this.finish(SHUTDOWN_JSON)
  }
}
