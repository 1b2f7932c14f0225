import { Injectable } from '@nestjs/common'
import { Database, type Queryable } from '#database'
import { GraphRegistry } from '#graphs'
import { type Page, totalFromPage } from '#http'
import { isUuid, type JsonObject } from '#kernel'
import type { AssistantFilter, AssistantOrder } from './assistant-filter.js'
import { meantAssistantId, requireAssistantId } from './assistant-id.js'
import type { AssistantVersionFields } from './assistant-version.entity.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import type { Assistant } from './assistant.entity.js'
import { assistantNotFound, noAssistantFor, noVersionsOf } from './assistants.errors.js'
import { AssistantsRepository } from './assistants.repository.js'
import { SystemAssistants } from './system-assistants.js'

/** Finding assistants. What changes them is `AssistantChanges`. */
@Injectable()
export class AssistantsService {
  constructor(
    private readonly database: Database,
    private readonly assistants: AssistantsRepository,
    private readonly assistantVersions: AssistantVersionsRepository,
    private readonly graphs: GraphRegistry,
    private readonly systemAssistants: SystemAssistants,
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
    const assistant = await this.assistants.find(this.database, assistantId)
    if (assistant === null) throw assistantNotFound()
    return assistant
  }

  /** One page of the assistants that match, and how many there are in all. */
  async search(
    filter: AssistantFilter,
    order: AssistantOrder,
    page: Page,
  ): Promise<{ assistants: Assistant[]; total: number }> {
    const assistants = await this.assistants.search(this.database, filter, order, page)
    const total = totalFromPage(assistants.length, page) ?? (await this.count(filter))
    return { assistants, total }
  }

  count(filter: AssistantFilter): Promise<number> {
    return this.assistants.count(this.database, filter)
  }

  /** Versions of an assistant, newest first. @throws AppError `invalid_id`, `no_versions_of_assistant`. */
  async versions(
    assistantIdOrGraphId: string,
    metadata: JsonObject | null,
    page: Page,
  ): Promise<readonly AssistantVersionFields[]> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    const versions = await this.assistantVersions.list(this.database, assistantId, metadata, page)
    if (versions.length > 0 || (await this.assistants.find(this.database, assistantId))) return versions
    throw noVersionsOf(assistantIdOrGraphId)
  }
}
