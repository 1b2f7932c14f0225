import { Injectable } from '@nestjs/common'
import { Authorization, isVisible, metadataIn, type Visibility } from '#auth'
import { type Transaction, UnitOfWork } from '#database'
import { graphNotFound, GraphRegistry } from '#graphs'
import { Clock, type JsonObject, newId } from '#kernel'
import { requireAssistantId } from './assistant-id.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import type { Assistant } from './assistant.entity.js'
import { assistantExists } from './assistants.errors.js'
import { AssistantsRepository } from './assistants.repository.js'

/** An assistant that a client asks for (contract 3.2). */
export interface AssistantRequest {
  /** Null makes a new id. */
  readonly assistantId: string | null
  readonly graphId: string
  readonly name: string
  readonly description: string | null
  readonly config: JsonObject
  readonly context: JsonObject
  readonly metadata: JsonObject
  /** What to do when the id is taken. */
  readonly ifExists: 'raise' | 'do_nothing'
}

/** Makes assistants (contract 3.2). */
@Injectable()
export class AssistantCreation {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly assistants: AssistantsRepository,
    private readonly versions: AssistantVersionsRepository,
    private readonly graphs: GraphRegistry,
    private readonly authorization: Authorization,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes an assistant, or returns the one of this id untouched.
   * @throws AppError `invalid_id`, `graph_not_found`, `assistant_exists`, also for one that the caller may not see.
   */
  async create({ ifExists, ...request }: AssistantRequest): Promise<Assistant> {
    if (!this.graphs.has(request.graphId)) throw graphNotFound(request.graphId)
    const assistantId = request.assistantId === null ? newId() : requireAssistantId(this.graphs, request.assistantId)
    const value = valueOf(assistantId, { ...request, ifExists })
    const creatable = await this.authorization.ask('assistants:create', value)
    const readable =
      ifExists === 'raise' ? null : await this.authorization.ask('assistants:read', { assistant_id: assistantId })
    const now = this.clock.now()
    const metadata = metadataIn(value)
    const assistant = { ...request, metadata, assistantId, version: 1, createdAt: now, updatedAt: now }
    return this.#create(assistant, ifExists, [creatable, readable])
  }

  async #create(
    assistant: Assistant,
    ifExists: AssistantRequest['ifExists'],
    visibilities: readonly Visibility[],
  ): Promise<Assistant> {
    const made = await this.unitOfWork.run((tx) => this.#insert(tx, assistant))
    if (made) return made
    const found = ifExists === 'raise' ? null : await this.#find(assistant.assistantId)
    const isShown = found !== null && visibilities.every((visibility) => isVisible(visibility, found.metadata))
    // Deleted in between: then the id is free.
    if (found === null && ifExists === 'do_nothing') return this.#create(assistant, ifExists, visibilities)
    if (!isShown) throw assistantExists()
    return found
  }

  #find(assistantId: string): Promise<Assistant | null> {
    return this.unitOfWork.run((tx) => this.assistants.find(tx, assistantId))
  }

  async #insert(tx: Transaction, assistant: Assistant): Promise<Assistant | null> {
    const made = await this.assistants.insertIfAbsent(tx, assistant)
    if (made) await this.versions.record(tx, made.assistantId)
    return made
  }
}

/** As the SDK types what a handler of `assistants:create` gets. */
function valueOf(assistantId: string, request: Omit<AssistantRequest, 'assistantId'>): JsonObject {
  const { graphId, name, description, config, context, metadata, ifExists } = request
  return {
    assistant_id: assistantId,
    graph_id: graphId,
    name,
    description,
    config,
    context,
    metadata: { ...metadata },
    if_exists: ifExists,
  }
}
