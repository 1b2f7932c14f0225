import { Injectable } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { OpenResponses } from '#streaming'
import { RunQueries } from './run-queries.js'
import { RunResponses } from './run-responses.js'
import type { GoneRun, Run, RunPlace } from './run.js'

/** Which run a client attaches to, and how. */
export interface JoinRequest {
  /** Null finds the run by its id alone. */
  readonly threadId: string | null
  readonly runId: string
  readonly cancelOnDisconnect: boolean
}

/** Where a reader starts, and which modes it wants; null is every one. */
interface StreamPosition {
  /** The header, which goes before the query. */
  readonly lastEventId: string | undefined
  readonly afterId: string | null
  readonly modes: readonly string[] | null
}

/** Attaches clients to runs that are already there. */
@Injectable()
export class RunJoining {
  constructor(
    private readonly queries: RunQueries,
    private readonly responses: RunResponses,
    private readonly open: OpenResponses,
  ) {}

  /** Streams the events after an id, or live ones alone (contract 6.7). @throws AppError `run_not_found`, `too_many_streams`. */
  async stream(reply: FastifyReply, join: JoinRequest & StreamPosition): Promise<void> {
    this.open.admit(reply)
    const place = await this.#locate(join)
    await this.responses.stream(reply, place, { ...join, afterId: join.lastEventId || join.afterId })
  }

  /** Answers with the run's result (contract 5.7). @throws AppError `run_not_found`, `too_many_streams`. */
  async wait(reply: FastifyReply, join: JoinRequest): Promise<void> {
    this.open.admit(reply)
    this.responses.wait(reply, await this.#locate(join), join)
  }

  /** Takes a place for `waitFor`, before there is anything to wait for. @throws AppError `too_many_streams`. */
  admit(reply: FastifyReply): void {
    this.open.admit(reply)
  }

  /** Answers with the result of a run that the caller has found. */
  waitFor(reply: FastifyReply, run: RunPlace): void {
    this.responses.wait(reply, run, { cancelOnDisconnect: false })
  }

  /** Whoever wants the run cancelled when they leave must be allowed to cancel it. */
  async #locate({ threadId, runId, cancelOnDisconnect }: JoinRequest): Promise<Run | GoneRun> {
    const place = await this.queries.locate(threadId, runId)
    if (cancelOnDisconnect && 'status' in place) await this.queries.requireCancellable(place)
    return place
  }
}
