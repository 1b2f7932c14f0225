import { Injectable } from '@nestjs/common'
import { Authorization, metadataIn, type Visibility } from '#auth'
import { graphNotFound, GraphRegistry } from '#graphs'
import { Clock, type JsonObject } from '#kernel'
import { requireAssistantId } from './assistant-id.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import type { Assistant } from './assistant.entity.js'
import { assistantVersionNotFound } from './assistants.errors.js'
import { AssistantsRepository } from './assistants.repository.js'
import { type ChangedAssistant, LockedAssistants } from './locked-assistants.js'

/** What a client wants otherwise (contract 3.4); null leaves it as it is. `metadata` is merged key by key. */
export type AssistantPatch = {
  readonly [Field in 'graphId' | 'name' | 'description' | 'config' | 'context' | 'metadata']: Assistant[Field] | null
}

/** Changes assistants. Every change makes a version. */
@Injectable()
export class AssistantChanges {
  constructor(
    private readonly locked: LockedAssistants,
    private readonly assistants: AssistantsRepository,
    private readonly versions: AssistantVersionsRepository,
    private readonly graphs: GraphRegistry,
    private readonly authorization: Authorization,
    private readonly clock: Clock,
  ) {}

  /**
   * Changes the assistant; also an empty patch makes a version, with the number after the highest so far.
   * @throws AppError `invalid_id`, `assistant_not_found`, `graph_not_found`.
   */
  async update(assistantIdOrGraphId: string, { metadata: wanted, ...patch }: AssistantPatch): Promise<Assistant> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    const { graphId, ...rest } = patch
    const value = { assistant_id: assistantId, graph_id: graphId, ...rest, metadata: { ...wanted } }
    const visibility = await this.authorization.ask('assistants:update', value)
    const metadata = metadataIn(value)
    return this.locked.change(toChange(assistantId, visibility), async (tx, assistant) => {
      if (graphId !== null) this.#requireGraph(graphId)
      const version = (await this.versions.highest(tx, assistantId)) + 1
      const changed = { ...withoutNulls(patch), metadata: { ...assistant.metadata, ...metadata }, version }
      const updated = await this.assistants.update(tx, { ...assistant, ...changed, updatedAt: this.clock.now() })
      await this.versions.record(tx, assistantId)
      return updated
    })
  }

  /**
   * Makes the assistant what it was in that version, without making another. What a handler puts into the metadata is
   * kept over those of the version, which may be of a time before it was asked.
   * @throws AppError `invalid_id`, `assistant_not_found`, `assistant_version_not_found`.
   */
  async setLatest(assistantIdOrGraphId: string, version: number): Promise<Assistant> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    const value: JsonObject = { assistant_id: assistantId, version, metadata: {} }
    const visibility = await this.authorization.ask('assistants:update', value)
    const stamp = metadataIn(value)
    return this.locked.change(toChange(assistantId, visibility), async (tx, { createdAt }) => {
      const found = await this.versions.find(tx, assistantId, version)
      if (!found) throw assistantVersionNotFound()
      const metadata = { ...found.metadata, ...stamp }
      return this.assistants.update(tx, { ...found, metadata, createdAt, updatedAt: this.clock.now() })
    })
  }

  #requireGraph(graphId: string): void {
    if (!this.graphs.has(graphId)) throw graphNotFound(graphId)
  }
}

function toChange(assistantId: string, visibility: Visibility): ChangedAssistant {
  return { assistantId, lock: 'change', visibility }
}

function withoutNulls(patch: Omit<AssistantPatch, 'metadata'>): Partial<Assistant> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null))
}
