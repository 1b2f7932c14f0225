import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Database, type Transaction, UnitOfWork } from '#database'
import type { ItemPut } from '#graphs'
import { Logger } from '#kernel'
import { Embedder } from './embedder.js'
import { type ItemVector, type ScoredRow, StoreVectorsRepository } from './store-vectors.repository.js'
import type { ItemKey, StoredSearch } from './store.repository.js'
import { textsAt } from './texts-at.js'
import { setUpVectors } from './vector-setup.js'

/** Finds items by their meaning, where `store.index` is configured (contract section 9). */
@Injectable()
export class StoreIndex {
  constructor(
    private readonly settings: Settings,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly vectors: StoreVectorsRepository,
    private readonly embedder: Embedder,
    private readonly logger: Logger,
  ) {}

  /**
   * Makes ready what the configuration asks for; called once by the composition root, after the graphs are loaded and
   * before anything is served.
   * @throws AppError `start_refused` when the function cannot be loaded or the database has no vectors.
   */
  async open(): Promise<void> {
    const { index } = this.settings.store
    if (index === null) return
    await this.embedder.load()
    const { unitOfWork, logger, vectors } = this
    await setUpVectors({ unitOfWork, logger, vectors, dims: index.dims })
  }

  /** Whether items are found by their meaning at all. */
  get isOn(): boolean {
    return this.settings.store.index !== null
  }

  /** The vectors of what is put; calls the user's function. @throws AppError `embedding_failed`. */
  async embedItems(puts: readonly { readonly at: ItemKey; readonly put: ItemPut }[]): Promise<ItemVector[]> {
    if (!this.isOn) return []
    const texts = puts.flatMap(({ at, put }) => this.#textsOf(put).map((text) => ({ at, text })))
    const vectors = await this.embedder.embed(texts.map(({ text }) => text))
    return texts.map(({ at: { namespace, key } }, place) => ({ namespace, key, vector: vectors[place] ?? [] }))
  }

  /** Stores the vectors of items that were put in this transaction, in the place of all that they had. */
  async replace(tx: Transaction, keys: readonly ItemKey[], vectors: readonly ItemVector[]): Promise<void> {
    if (this.isOn) await this.vectors.replace(tx, keys, vectors)
  }

  /** The items nearest to the query, best first; calls the user's function. @throws AppError `embedding_failed`. */
  async search(query: string, search: StoredSearch, now: Date): Promise<ScoredRow[]> {
    const [vector = []] = await this.embedder.embed([query])
    return this.vectors.search(this.database, vector, search, now)
  }

  #textsOf({ value, index }: ItemPut): string[] {
    if (index === false) return []
    const paths = index ?? this.settings.store.index?.fields ?? []
    return paths.flatMap((path) => textsAt(value, path))
  }
}
