import { Injectable } from '@nestjs/common'
import { AssistantsService } from '#assistants'
import { isVisible } from '#auth'
import type { Transaction } from '#database'
import { graphNotFound, GraphRegistry } from '#graphs'
import type { RunPermit } from '#runs'
import { ThreadsRepository } from '#threads'
import { cronAssistantNotFound, cronThreadNotFound } from './crons.errors.js'

/** What a cron stands on: its assistant, and its thread if it has one. */
@Injectable()
export class CronGround {
  constructor(
    private readonly assistants: AssistantsService,
    private readonly graphs: GraphRegistry,
    private readonly threads: ThreadsRepository,
  ) {}

  /**
   * Locks both, so that nobody deletes them until `tx` ends; returns the id of the assistant that is meant.
   * @throws AppError 404 for an unknown assistant, graph or thread.
   */
  async lock(
    tx: Transaction,
    assistantIdOrGraphId: string,
    threadId: string | null,
    permit: RunPermit,
  ): Promise<string> {
    const assistant = await this.assistants.findMeant(tx, assistantIdOrGraphId)
    if (assistant === null || !permit.usesAssistant(assistant)) throw cronAssistantNotFound(assistantIdOrGraphId)
    if (!this.graphs.has(assistant.graphId)) throw graphNotFound(assistant.graphId)
    if (threadId !== null) {
      const thread = await this.threads.lock(tx, threadId)
      if (thread === null || !isVisible(permit.threads, thread.metadata)) throw cronThreadNotFound(threadId)
    }
    return assistant.assistantId
  }
}
