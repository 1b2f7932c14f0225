import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, metadataIn } from '#auth'
import { Database, type Queryable } from '#database'
import { GraphRegistry } from '#graphs'
import { type Page, totalFromPage } from '#http'
import { isUuid, type JsonObject, systemAssistantId } from '#kernel'
import type { AssistantFilter, AssistantOrder, VisibleAssistants } from './assistant-filter.js'
import { meantAssistantId, requireAssistantId } from './assistant-id.js'
import type { AssistantVersionFields } from './assistant-version.entity.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import type { Assistant } from './assistant.entity.js'
import { assistantNotFound, noAssistantFor, noVersionsOf } from './assistants.errors.js'
import { AssistantsRepository } from './assistants.repository.js'
import { SystemAssistants } from './system-assistants.js'

/** Finding assistants. What makes, changes and deletes them has classes of its own. */
@Injectable()
export class AssistantsService {
  constructor(
    private readonly database: Database,
    private readonly assistants: AssistantsRepository,
    private readonly assistantVersions: AssistantVersionsRepository,
    private readonly graphs: GraphRegistry,
    private readonly systemAssistants: SystemAssistants,
    private readonly authorization: Authorization,
  ) {}

  /** Makes the system assistant of each graph that has none yet (contract 3.1). Called once at start. */
  ensureSystemAssistants(): Promise<void> {
    return this.systemAssistants.ensure()
  }

  /**
   * The assistant that a run names by its id or by a graph's (contract 1.4). Inside a transaction it cannot be deleted
   * until that ends: resolve it before the thread is locked.
   * @throws AppError `no_assistant_for_run`, also for a text that is neither.
   */
  async resolve(q: Queryable, assistantIdOrGraphId: string): Promise<Assistant> {
    const assistant = await this.findMeant(q, assistantIdOrGraphId)
    if (assistant === null) throw noAssistantFor(assistantIdOrGraphId)
    return assistant
  }

  /** The same; null where there is none. */
  async findMeant(q: Queryable, assistantIdOrGraphId: string): Promise<Assistant | null> {
    const assistantId = meantAssistantId(this.graphs, assistantIdOrGraphId)
    return isUuid(assistantId) ? this.assistants.lock(q, assistantId, 'use') : null
  }

  /** The id that a filter means. @throws AppError `invalid_id` for a text that is neither a UUID nor a graph's id. */
  meantId(assistantIdOrGraphId: string): string {
    return requireAssistantId(this.graphs, assistantIdOrGraphId)
  }

  /** @throws AppError `invalid_id` for a text that is neither a UUID nor a graph id, `assistant_not_found`. */
  async get(assistantIdOrGraphId: string): Promise<Assistant> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    const visibility = await this.authorization.ask('assistants:read', { assistant_id: assistantId })
    const assistant = await this.assistants.find(this.database, assistantId)
    if (assistant === null || !isVisible(visibility, assistant.metadata)) throw assistantNotFound()
    return assistant
  }

  /** The id of the assistant that a text means; the text itself where it means none. */
  meant(assistantIdOrGraphId: string): string {
    return meantAssistantId(this.graphs, assistantIdOrGraphId)
  }

  /**
   * For a caller who names an assistant to run it: which of them may be used. A graph's own assistant may by everybody:
   * it holds nothing of anybody, and whether runs may be made is asked of `threads:create_run`. Texts that name none
   * are left to whoever looks for it.
   */
  async usable(assistantIdOrGraphId: string): Promise<(assistant: Assistant) => boolean> {
    const assistantId = meantAssistantId(this.graphs, assistantIdOrGraphId)
    if (!isUuid(assistantId) || this.graphs.ids().some((id) => systemAssistantId(id) === assistantId)) return () => true
    const visibility = await this.authorization.ask('assistants:read', { assistant_id: assistantId })
    return ({ metadata }) => isVisible(visibility, metadata)
  }

  /** One page of the assistants that match and that the caller may see, and how many there are in all. */
  async search(
    query: AssistantFilter,
    order: AssistantOrder,
    page: Page,
  ): Promise<{ assistants: Assistant[]; total: number }> {
    const filter = await this.#visible(query, page)
    const assistants = await this.assistants.search(this.database, filter, order, page)
    const total = totalFromPage(assistants.length, page) ?? (await this.assistants.count(this.database, filter))
    return { assistants, total }
  }

  async count(query: AssistantFilter): Promise<number> {
    return this.assistants.count(this.database, await this.#visible(query, null))
  }

  /** Versions of an assistant, newest first. @throws AppError `invalid_id`, `no_versions_of_assistant`. */
  async versions(
    assistantIdOrGraphId: string,
    metadata: JsonObject | null,
    page: Page,
  ): Promise<readonly AssistantVersionFields[]> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    const visibility = await this.authorization.ask('assistants:read', { assistant_id: assistantId })
    const assistant = await this.assistants.find(this.database, assistantId)
    if (assistant === null || !isVisible(visibility, assistant.metadata)) throw noVersionsOf(assistantIdOrGraphId)
    return this.assistantVersions.list(this.database, assistantId, metadata, page)
  }

  async #visible(filter: AssistantFilter, page: Page | null): Promise<VisibleAssistants> {
    const value = { graph_id: filter.graphId, name: filter.name, metadata: { ...filter.metadata }, ...page }
    const visibility = await this.authorization.ask('assistants:search', value)
    return { ...filter, metadata: metadataIn(value), visibility }
  }
}
