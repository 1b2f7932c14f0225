import { Injectable } from '@nestjs/common'
import { type Transaction, UnitOfWork } from '#database'
import { EventBus } from '#events'
import { graphNotFound, GraphRegistry } from '#graphs'
import { Clock, type JsonObject, newId } from '#kernel'
import { requireAssistantId } from './assistant-id.js'
import { AssistantVersionsRepository } from './assistant-versions.repository.js'
import type { Assistant, AssistantFields } from './assistant.entity.js'
import { assistantExists, assistantNotFound, assistantVersionNotFound } from './assistants.errors.js'
import { type AssistantLock, AssistantsRepository } from './assistants.repository.js'

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

/** What a client wants otherwise (contract 3.4); null leaves it as it is. `metadata` is merged key by key. */
export type AssistantPatch = {
  readonly [Field in 'graphId' | 'name' | 'description' | 'config' | 'context' | 'metadata']: Assistant[Field] | null
}

/** Makes, changes and deletes assistants. Every change makes a version. */
@Injectable()
export class AssistantChanges {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly assistants: AssistantsRepository,
    private readonly versions: AssistantVersionsRepository,
    private readonly graphs: GraphRegistry,
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes an assistant, or returns the one of this id untouched.
   * @throws AppError `invalid_id`, `graph_not_found`, `assistant_exists`.
   */
  async create({ ifExists, ...request }: AssistantRequest): Promise<Assistant> {
    this.#requireGraph(request.graphId)
    const assistantId = request.assistantId === null ? newId() : requireAssistantId(this.graphs, request.assistantId)
    const now = this.clock.now()
    const assistant = { ...request, assistantId, version: 1, createdAt: now, updatedAt: now }
    const found = await this.unitOfWork.run((tx) => this.#insertOrFind(tx, assistant, ifExists))
    // Null only when the one of this id was deleted in between: then the id is free.
    return found ?? this.create({ ...request, ifExists })
  }

  /**
   * Changes the assistant; also an empty patch makes a version, with the number after the highest so far.
   * @throws AppError `invalid_id`, `assistant_not_found`, `graph_not_found`.
   */
  update(assistantIdOrGraphId: string, { metadata, ...patch }: AssistantPatch): Promise<Assistant> {
    return this.#change(assistantIdOrGraphId, 'change', async (tx, assistant) => {
      if (patch.graphId !== null) this.#requireGraph(patch.graphId)
      const version = (await this.versions.highest(tx, assistant.assistantId)) + 1
      const changed = { ...withoutNulls(patch), metadata: { ...assistant.metadata, ...metadata }, version }
      const updated = await this.assistants.update(tx, { ...assistant, ...changed, updatedAt: this.clock.now() })
      await this.versions.record(tx, assistant.assistantId)
      return updated
    })
  }

  /**
   * Makes the assistant what it was in that version, without making another.
   * @throws AppError `invalid_id`, `assistant_not_found`, `assistant_version_not_found`.
   */
  setLatest(assistantIdOrGraphId: string, version: number): Promise<Assistant> {
    return this.#change(assistantIdOrGraphId, 'change', async (tx, assistant) => {
      const found = await this.versions.find(tx, assistant.assistantId, version)
      if (!found) throw assistantVersionNotFound()
      const { createdAt } = assistant
      return this.assistants.update(tx, { ...found, createdAt, updatedAt: this.clock.now() })
    })
  }

  /**
   * Deletes the assistant with its versions, its runs and, when asked for, its threads. Subscribers of
   * `assistant.deleted` still find it: they end and remove what hangs on it in the same transaction. A system
   * assistant may be deleted too; it is made again at the next start (contract 3.1).
   * @returns its id. @throws AppError `invalid_id`, `assistant_not_found`.
   */
  delete(assistantIdOrGraphId: string, deleteThreads: boolean): Promise<string> {
    return this.#change(assistantIdOrGraphId, 'delete', async (tx, { assistantId }) => {
      await this.bus.publish(tx, 'assistant.deleted', { assistantId, deleteThreads })
      await this.assistants.delete(tx, assistantId)
      return assistantId
    })
  }

  async #insertOrFind(
    tx: Transaction,
    assistant: Assistant,
    ifExists: AssistantRequest['ifExists'],
  ): Promise<Assistant | null> {
    const made = await this.assistants.insertIfAbsent(tx, assistant)
    if (made) await this.versions.record(tx, made.assistantId)
    else if (ifExists === 'raise') throw assistantExists()
    return made ?? this.assistants.find(tx, assistant.assistantId)
  }

  #change<Result>(
    assistantIdOrGraphId: string,
    lock: AssistantLock,
    change: (tx: Transaction, assistant: AssistantFields) => Promise<Result>,
  ): Promise<Result> {
    const assistantId = requireAssistantId(this.graphs, assistantIdOrGraphId)
    return this.unitOfWork.run(async (tx) => {
      const assistant = await this.assistants.lock(tx, assistantId, lock)
      if (!assistant) throw assistantNotFound()
      return change(tx, assistant)
    })
  }

  #requireGraph(graphId: string): void {
    if (!this.graphs.has(graphId)) throw graphNotFound(graphId)
  }
}

function withoutNulls(patch: Omit<AssistantPatch, 'metadata'>): Partial<Assistant> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null))
}
