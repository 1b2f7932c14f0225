import type { BaseStore } from '@langchain/langgraph'
import { Injectable } from '@nestjs/common'
import { BackendStore } from './backend-store.js'
import type { StoreBackend } from './store-backend.js'

/**
 * The store that every node sees as `config.store`. The room that keeps the items binds itself here while modules
 * start: this room may not import it (design section 4). Without it graphs run without a store.
 */
@Injectable()
export class GraphStore {
  #store: BaseStore | null = null

  /** @throws Error when a backend is bound already. */
  bind(backend: StoreBackend): void {
    if (this.#store) throw new Error('the store of graphs is bound twice')
    this.#store = new BackendStore(backend)
  }

  /** What graphs are given; null when no room keeps items. */
  get store(): BaseStore | null {
    return this.#store
  }
}
