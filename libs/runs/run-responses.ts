import { Injectable } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Logger } from '#kernel'
import { type AttachOptions, type JsonWait, OpenResponses, RunStreams, type SseWriter } from '#streaming'
import { RunCancellation } from './run-cancellation.js'
import { RunResults } from './run-results.js'
import { RunStreamWatch } from './run-stream-watch.js'
import type { GoneRun, Run, RunPlace } from './run.js'

/** How a client follows a run. */
export interface FollowRequest {
  /** Cancel the run when this client leaves. */
  readonly cancelOnDisconnect: boolean
  /** `Last-Event-ID`; null is the live tail. */
  readonly afterId: string | null
  /** Null is every mode. */
  readonly modes: readonly string[] | null
}

/** How a client waits for a run. */
export interface WaitRequest {
  /** Cancel the run when this client leaves. */
  readonly cancelOnDisconnect: boolean
  /** The run was made by this very request. False when absent. */
  readonly isNew?: boolean
}

/** Answers that stay open until a run ends: its event stream, or its result. Headers go out at once. */
@Injectable()
export class RunResponses {
  constructor(
    private readonly open: OpenResponses,
    private readonly streams: RunStreams,
    private readonly watch: RunStreamWatch,
    private readonly results: RunResults,
    private readonly cancellation: RunCancellation,
    private readonly logger: Logger,
  ) {}

  /** Streams the run's events (contract 6). @throws AppError before anything is sent, for an impossible position. */
  async stream(reply: FastifyReply, run: Run | GoneRun, request: FollowRequest): Promise<void> {
    const end = new AbortController()
    const { modes } = request
    try {
      await this.streams.attach(run.runId, attachmentOf(run), end.signal)
      const afterId = request.afterId ?? this.streams.lastId(run.runId)
      const frames = this.streams.follow(run.runId, { afterId, modes, signal: end.signal })
      const location = streamPlaceOf(run, { afterId, modes })
      const writer = this.open.openEventStream(reply, { contentLocation: placeOf(run), location })
      follow(writer.done, () => end.abort())
      this.watch.watch(run.runId, writer.done)
      if (request.cancelOnDisconnect) this.#cancelWhenLeft(writer, run)
      this.#guard(writer, run, writer.pipe(frames))
    } catch (error) {
      end.abort()
      throw error
    }
  }

  /** Answers with the run's result once it has ended (contract 5.7). */
  wait(reply: FastifyReply, run: RunPlace, request: WaitRequest): void {
    const wait = this.open.openJsonWait(reply, { contentLocation: placeOf(run), location: joinPlaceOf(run) })
    if (request.cancelOnDisconnect) this.#cancelWhenLeft(wait, run)
    this.#guard(wait, run, this.#answer(wait, run, request.isNew ?? false))
  }

  async #answer(wait: JsonWait, run: RunPlace, isNew: boolean): Promise<void> {
    const json = await this.results.waitFor(run, wait.done, isNew)
    if (json !== null) wait.finish(json)
  }

  #cancelWhenLeft(response: SseWriter | JsonWait, run: RunPlace): void {
    follow(response.closed, () => {
      this.cancellation
        .cancel(run.threadId, run.runId, 'interrupt')
        .catch((err: unknown) =>
          this.logger.warn({ err, run_id: run.runId }, 'a run left by its client was not cancelled'),
        )
    })
  }

  #guard(response: SseWriter | JsonWait, run: RunPlace, work: Promise<void>): void {
    work.catch((err: unknown) => {
      this.logger.error({ err, run_id: run.runId }, 'an open response failed')
      response.cut()
    })
  }
}

/** What is known of a run that is to be followed; it may not have started yet. */
function attachmentOf(run: Run | GoneRun): AttachOptions {
  if (!('status' in run)) return { replayable: false, attempt: null }
  const attempt = { pending: run.attempt + 1, running: run.attempt }[String(run.status)] ?? null
  return { replayable: run.kwargs.resumable, attempt }
}

/** Where clients read the run's id from: nothing may follow it (contract 5.1). */
export function placeOf(run: RunPlace): string {
  return run.temporary ? `/runs/${run.runId}` : `/threads/${run.threadId}/runs/${run.runId}`
}

/**
 * Where a client reconnects. A connection can break before the first event, and not every client sends its query again
 * (contract 6.6): the place names what was asked for.
 */
function streamPlaceOf(
  run: RunPlace,
  { afterId, modes }: { afterId: string; modes: readonly string[] | null },
): string {
  const query = new URLSearchParams({ last_event_id: afterId, ...(modes ? { stream_mode: modes.join(',') } : {}) })
  return `${placeOf(run)}/stream?${String(query)}`
}

/** A stateless run is joined by its thread too: there is no route without it. */
function joinPlaceOf(run: RunPlace): string {
  return `/threads/${run.threadId}/runs/${run.runId}/join`
}

function follow(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback, { once: true })
}
