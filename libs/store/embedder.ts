import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { UserModules } from '#graphs'
import { isJsonObject, Logger } from '#kernel'
import { embeddingFailed, embedInvalid } from './store.errors.js'

/** The user's function: a vector for each text. */
export type EmbedFunction = (texts: string[]) => Promise<number[][]> | number[][]

/** Calls the user's embedding function and believes nothing of what it gives. Never called inside a transaction. */
@Injectable()
export class Embedder {
  #embed: EmbedFunction | null = null

  constructor(
    private readonly settings: Settings,
    private readonly modules: UserModules,
    private readonly logger: Logger,
  ) {}

  /** Loads the function, if `store.index` names one. @throws AppError `start_refused`. */
  async load(): Promise<void> {
    const { index } = this.settings.store
    if (index === null) return
    const exported = await this.modules.load(index.embed, 'store.index.embed')
    this.#embed = toEmbedFunction(await exported)
  }

  /** One vector per text, in order. @throws AppError `embedding_failed`. */
  async embed(texts: readonly string[]): Promise<number[][]> {
    if (texts.length === 0) return []
    try {
      const vectors: unknown = await this.#embed?.([...texts])
      return requireVectors(vectors, texts.length, this.settings.store.index?.dims ?? 0)
    } catch (err) {
      this.logger.error({ err }, 'the embedding function of the store failed')
      throw embeddingFailed()
    }
  }
}

/** A function, or an object like those of LangChain's embeddings. */
function toEmbedFunction(exported: unknown): EmbedFunction {
  if (typeof exported === 'function') return exported as EmbedFunction
  if (hasEmbedDocuments(exported)) return (texts) => exported.embedDocuments(texts)
  throw embedInvalid(exported === null ? 'null' : `of the type ${typeof exported}`)
}

function hasEmbedDocuments(value: unknown): value is { embedDocuments: EmbedFunction } {
  return isJsonObject(value) && typeof value['embedDocuments'] === 'function'
}

function requireVectors(vectors: unknown, count: number, dims: number): number[][] {
  if (!Array.isArray(vectors) || vectors.length !== count) {
    throw new TypeError(`it must give a list of ${count} vectors for ${count} texts`)
  }
  return vectors.map((vector: unknown) => {
    const numbers = Array.isArray(vector) || ArrayBuffer.isView(vector) ? Array.from(vector as ArrayLike<unknown>) : []
    if (numbers.length === dims && numbers.every(isFiniteNumber)) return numbers
    throw new TypeError(`each vector must hold ${dims} finite numbers, as "dims" says`)
  })
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value)
}
