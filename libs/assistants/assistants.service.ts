import { Injectable } from '@nestjs/common'
import { type AssistantDefaults, Settings } from '#config'
import { Database, type Queryable } from '#database'
import { GraphRegistry } from '#graphs'
import { type Page, totalFromPage } from '#http'
import { Clock, isUuid, requireUuid, systemAssistantId } from '#kernel'
import type { AssistantFilter, AssistantOrder } from './assistant-filter.js'
import type { Assistant } from './assistant.entity.js'
import { assistantNotFound, noAssistantFor } from './assistants.errors.js'
import { AssistantsRepository } from './assistants.repository.js'

const NO_DEFAULTS: AssistantDefaults = { config: {}, context: {} }

/** Assistants: the system's own, and finding them. */
@Injectable()
export class AssistantsService {
  constructor(
    private readonly database: Database,
    private readonly assistants: AssistantsRepository,
    private readonly graphs: GraphRegistry,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Makes the system assistant of each graph that has none yet (contract 3.1). Called once at start. */
  async ensureSystemAssistants(): Promise<void> {
    for (const graphId of this.graphs.ids()) {
      await this.assistants.insertIfAbsent(this.database, this.systemAssistant(graphId))
    }
  }

  /**
   * The assistant that a run names by its id or by a graph's (contract 1.4).
   * @throws AppError `no_assistant_for_run`, also for a text that is neither.
   */
  async resolve(q: Queryable, assistantIdOrGraphId: string): Promise<Assistant> {
    const assistantId = this.idOf(assistantIdOrGraphId)
    const assistant = isUuid(assistantId) ? await this.assistants.find(q, assistantId) : null
    if (assistant === null) throw noAssistantFor(assistantIdOrGraphId)
    return assistant
  }

  /** @throws AppError `invalid_id` for a text that is neither a UUID nor a graph id, `assistant_not_found`. */
  async get(assistantIdOrGraphId: string): Promise<Assistant> {
    const assistantId = requireUuid('assistant', this.idOf(assistantIdOrGraphId))
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

  private idOf(assistantIdOrGraphId: string): string {
    return this.graphs.has(assistantIdOrGraphId) ? systemAssistantId(assistantIdOrGraphId) : assistantIdOrGraphId
  }

  private systemAssistant(graphId: string): Assistant {
    const { config, context } = this.settings.assistantDefaults[graphId] ?? NO_DEFAULTS
    const now = this.clock.now()
    return {
      assistantId: systemAssistantId(graphId),
      graphId,
      name: graphId,
      description: this.settings.graphs.find((graph) => graph.graphId === graphId)?.description ?? null,
      config,
      context,
      metadata: { created_by: 'system' },
      version: 1,
      createdAt: now,
      updatedAt: now,
    }
  }
}
