import { Injectable } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { AppError, Logger } from '#kernel'
import { OpenResponses, type SseWriter, type StreamFrame, ThreadStreams } from '#streaming'
import type { ThreadStreamRequest } from './dto/thread-stream-query.js'
import { ThreadStateService } from './thread-state.service.js'
import { ThreadStreamWatch } from './thread-stream-watch.js'
import { threadNotFound } from './threads.errors.js'
import { ThreadsService } from './threads.service.js'

/** Answers with the stream of a thread (contract 6.8). */
@Injectable()
export class ThreadStreaming {
  constructor(
    private readonly threads: ThreadsService,
    private readonly states: ThreadStateService,
    private readonly streams: ThreadStreams,
    private readonly open: OpenResponses,
    private readonly watch: ThreadStreamWatch,
    private readonly logger: Logger,
  ) {}

  /**
   * Streams until the client leaves or the thread is deleted.
   * @throws AppError before anything is sent: `thread_not_found`, also for the thread of a stateless run;
   * `invalid_request` for an impossible position; `too_many_readers`, `too_many_streams`.
   */
  async stream(reply: FastifyReply, threadId: string, request: ThreadStreamRequest): Promise<void> {
    this.open.admit(reply)
    const reading = new AbortController()
    const { modes } = request
    try {
      await this.streams.attach(threadId, reading.signal)
      const afterId = request.afterId ?? this.streams.lastId(threadId)
      // Followed before the thread is looked up: one that is deleted from here on ends the stream.
      const frames = this.streams.follow(threadId, { afterId, modes, signal: reading.signal })
      if ((await this.threads.read(threadId)).temporary) throw threadNotFound(threadId)
      const location = placeOf(threadId, { modes, afterId })
      const writer = this.open.openEndlessStream(reply, { contentLocation: `/threads/${threadId}/stream`, location })
      if (writer.done.aborted) reading.abort()
      writer.done.addEventListener('abort', () => reading.abort(), { once: true })
      this.watch.start()
      this.#pipe(writer, threadId, this.#withStates(threadId, frames))
    } catch (error) {
      reading.abort()
      throw error
    }
  }

  #pipe(writer: SseWriter, threadId: string, frames: AsyncIterable<StreamFrame>): void {
    writer.pipe(frames).catch((err: unknown) => {
      this.logger.error({ err, thread_id: threadId }, 'the stream of a thread failed')
      writer.cut()
    })
  }

  async *#withStates(threadId: string, frames: AsyncIterable<StreamFrame>): AsyncGenerator<StreamFrame> {
    for await (const frame of frames) {
      const json = frame.event === 'state_update' ? await this.#stateJson(threadId, frame.json) : frame.json
      if (json !== null) yield { ...frame, json }
    }
  }

  /** Null when the state cannot be read any more: the thread or its graph is gone. */
  async #stateJson(threadId: string, told: string): Promise<string | null> {
    const { checkpoint_id } = JSON.parse(told) as { checkpoint_id: string | null }
    try {
      const state = await this.states.readAfresh(threadId, { checkpointId: checkpoint_id ?? undefined })
      return JSON.stringify({ state, thread_id: threadId })
    } catch (err) {
      if (!(err instanceof AppError)) throw err
      this.logger.warn({ err, thread_id: threadId }, 'an updated state could not be read for its thread’s stream')
      return null
    }
  }
}

/** Where a client reconnects, with all that it asked for: not every client sends its query again (contract 6.6). */
function placeOf(threadId: string, { modes, afterId }: ThreadStreamRequest): string {
  const query = new URLSearchParams({ stream_mode: [...modes].join(','), last_event_id: afterId ?? '-' })
  return `/threads/${threadId}/stream?${String(query)}`
}
