import { Injectable } from '@nestjs/common'
import { AssistantsService } from '#assistants'
import { Authorization, isVisible, metadataIn, type Visibility } from '#auth'
import { Database } from '#database'
import { type AppError, type JsonObject, newId } from '#kernel'
import { ThreadsRepository } from '#threads'
import type { PermittedRun, RunPermit } from './run-permit.js'
import type { RunRequest } from './run-request.js'
import type { GoneRun } from './run.js'

/** Asks what a caller may do with runs: they belong to whom their thread belongs to (contract 1.7). */
@Injectable()
export class RunAccess {
  constructor(
    private readonly database: Database,
    private readonly authorization: Authorization,
    private readonly assistants: AssistantsService,
    private readonly threads: ThreadsRepository,
  ) {}

  /** Asks for a run that is to be made. @throws AppError `forbidden`, and what the handler throws. */
  async permit(threadId: string | null, request: RunRequest): Promise<PermittedRun> {
    const runId = newId()
    const value = creationValue(threadId, runId, {
      ...request,
      assistantId: this.assistants.meant(request.assistantId),
    })
    const threads = await this.authorization.ask('threads:create_run', value)
    const usesAssistant = await this.assistants.usable(request.assistantId)
    return { request: { ...request, metadata: metadataIn(value) }, permit: { runId, threads, usesAssistant } }
  }

  /**
   * Asks about runs of a thread that is there.
   * @param value what the handler gets beside the thread's id.
   * @throws AppError `notFound` for a thread that the caller may not see; one that is not there is left to the caller.
   */
  async require(
    event: 'threads:read' | 'threads:update' | 'threads:delete',
    threadId: string,
    notFound: () => AppError,
    value: JsonObject = {},
  ): Promise<void> {
    const visibility = await this.authorization.ask(event, { thread_id: threadId, ...value })
    await this.#requireShown(threadId, visibility, notFound)
  }

  /** For runs that are promised and not made yet. @throws AppError `notFound` for a thread that the permit does not show. */
  requireShown(threadId: string, { threads }: RunPermit, notFound: () => AppError): Promise<void> {
    return this.#requireShown(threadId, threads, notFound)
  }

  async #requireShown(threadId: string, visibility: Visibility, notFound: () => AppError): Promise<void> {
    if (visibility === null) return
    if (!(await this.threads.shows(this.database, threadId, visibility))) throw notFound()
  }

  /**
   * Asks about a run that is to be read, whose thread has gone with it: by the metadata that the thread had. Those of the
   * run hold its assistant's too, which may be shared where the run is not. @throws AppError `notFound`.
   */
  async requireGone({ threadId, threadMetadata }: GoneRun, notFound: () => AppError): Promise<void> {
    const visibility = await this.authorization.ask('threads:read', { thread_id: threadId })
    if (!isVisible(visibility, threadMetadata)) throw notFound()
  }
}

/** As the SDK types what a handler of `threads:create_run` gets. */
function creationValue(threadId: string | null, runId: string, request: RunRequest): JsonObject {
  return {
    thread_id: threadId,
    assistant_id: request.assistantId,
    run_id: runId,
    status: 'pending',
    metadata: { ...request.metadata },
    prevent_insert_if_inflight: request.multitaskStrategy === 'reject',
    multitask_strategy: request.multitaskStrategy,
    if_not_exists: request.ifNotExists,
    after_seconds: request.afterSeconds,
    kwargs: {
      input: request.input,
      command: request.command,
      config: request.config,
      context: request.context,
      stream_mode: request.streamModes,
      interrupt_before: request.interruptBefore,
      interrupt_after: request.interruptAfter,
      webhook: request.webhook,
      feedback_keys: request.feedbackKeys,
      subgraphs: request.streamSubgraphs,
      resumable: request.streamResumable,
      durability: request.durability,
    },
  }
}
