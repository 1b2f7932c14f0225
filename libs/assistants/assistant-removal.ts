import { Injectable } from '@nestjs/common'
import { Authorization, isVisible } from '#auth'
import { EventBus } from '#events'
import { GraphRegistry } from '#graphs'
import type { JsonObject } from '#kernel'
import { requireAssistantId } from './assistant-id.js'
import { AssistantsRepository } from './assistants.repository.js'
import { LockedAssistants } from './locked-assistants.js'

/** Deletes assistants (contract 3.5). */
@Injectable()
export class AssistantRemoval {
  constructor(
    private readonly locked: LockedAssistants,
    private readonly assistants: AssistantsRepository,
    private readonly graphs: GraphRegistry,
    private readonly bus: EventBus,
    private readonly authorization: Authorization,
  ) {}

  /**
   * Deletes the assistant with its versions, its runs and, when asked for, its threads as far as the caller may delete
   * them. Subscribers of `assistant.deleted` still find it: they end and remove what hangs on it in the same
   * transaction. A system assistant may be deleted too; it is made again at the next start (contract 3.1).
   * @returns its id. @throws AppError `invalid_id`, `assistant_not_found`.
   */
  async delete(assistantIdOrGraphId: string, deleteThreads: boolean): Promise<string> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    const visibility = await this.authorization.ask('assistants:delete', { assistant_id: assistantId })
    const deletesThread = deleteThreads ? await this.#deletableThreads() : null
    return this.locked.change({ assistantId, lock: 'delete', visibility }, async (tx) => {
      await this.bus.publish(tx, 'assistant.deleted', { assistantId, deletesThread })
      await this.assistants.delete(tx, assistantId)
      return assistantId
    })
  }

  async #deletableThreads(): Promise<(metadata: JsonObject) => boolean> {
    const visibility = await this.authorization.ask('threads:delete', {})
    return (metadata) => isVisible(visibility, metadata)
  }
}
