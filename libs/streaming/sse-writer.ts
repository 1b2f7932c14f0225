import type { FastifyReply } from 'fastify'
import { HeldResponse, type Holding, placeHeaders, type ResponsePlaces } from './held-response.js'
import type { StreamFrame } from './run-streams.js'
import { formatSseFrame, sseComment, SSE_HEARTBEAT } from './sse-frame.js'
import { StreamClosed, StreamLagged } from './streaming.errors.js'

/** An open event stream to one client (contract 6.1 to 6.5). Made by `OpenResponses`. */
export class SseWriter {
  private constructor(private readonly held: HeldResponse) {}

  /** Answers 200 with the stream's headers, at once. */
  static open(reply: FastifyReply, holding: Holding, places: ResponsePlaces): SseWriter {
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...placeHeaders(places),
    }
    return new SseWriter(HeldResponse.take(reply, { ...holding, headers, beatText: SSE_HEARTBEAT }))
  }

  /** Aborts when the client has left: the signal for `on_disconnect`. */
  get closed(): AbortSignal {
    return this.held.closed
  }

  /** Aborts when the stream is over in any way: the signal for what feeds it. */
  get done(): AbortSignal {
    return this.held.done
  }

  /** Sends one event; where something is returned, the client takes no more until it has resolved. */
  write(frame: StreamFrame): Promise<void> | undefined {
    return this.held.send(formatSseFrame(frame))
  }

  /**
   * Sends everything that `RunStreams.follow` gives (with `done` as its signal), then ends. A reader that lags and a
   * shutdown cut the connection: a clean end would mean that the run has finished (contract 6.6). A comment says why.
   */
  async pipe(frames: AsyncIterable<StreamFrame>): Promise<void> {
    try {
      for await (const frame of frames) {
        const full = this.write(frame)
        if (full) await full
      }
      this.end()
    } catch (error) {
      if (error instanceof StreamLagged) this.held.cut('lagged', sseComment(error.message))
      else if (error instanceof StreamClosed) this.shutDown()
      else {
        this.cut()
        throw error
      }
    }
  }

  /** Ends cleanly: the client has everything. */
  end(): void {
    this.held.end()
  }

  /** Breaks the connection for a fault of ours: the client reconnects. */
  cut(): void {
    this.held.cut('failed')
  }

  /** The server stops: the client is to reconnect. */
  shutDown(): void {
    this.held.cut('shutdown', sseComment('The server is shutting down'))
  }
}
