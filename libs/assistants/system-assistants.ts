import { Injectable } from '@nestjs/common'
import { type AssistantDefaults, Settings } from '#config'
import { type Transaction, UnitOfWork } from '#database'
import { GraphRegistry } from '#graphs'
import { Clock, systemAssistantId } from '#kernel'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import type { AssistantFields } from './assistant.entity.js'
import { AssistantsRepository } from './assistants.repository.js'

const NO_DEFAULTS: AssistantDefaults = { config: {}, context: {} }

/** The assistants that the system makes: one for each graph (contract 3.1). */
@Injectable()
export class SystemAssistants {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly assistants: AssistantsRepository,
    private readonly versions: AssistantVersionsRepository,
    private readonly graphs: GraphRegistry,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes those that are missing; the others stay as they are. One that was deleted comes back so, and one under whose id
   * a client has put something before there was the graph is made from it: whoever names a graph gets that graph.
   */
  async ensure(): Promise<void> {
    for (const graphId of this.graphs.ids()) {
      await this.unitOfWork.run((tx) => this.#ensure(tx, this.#systemAssistant(graphId)))
    }
  }

  async #ensure(tx: Transaction, assistant: AssistantFields): Promise<void> {
    const { assistantId } = assistant
    const made = await this.assistants.insertIfAbsent(tx, assistant)
    if (!(await this.assistants.takeForSystem(tx, assistantId))) return
    if (!made) {
      const version = (await this.versions.highest(tx, assistantId)) + 1
      await this.assistants.update(tx, { ...assistant, version })
    }
    await this.versions.record(tx, assistantId)
  }

  #systemAssistant(graphId: string): AssistantFields {
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
