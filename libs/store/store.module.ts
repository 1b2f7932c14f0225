import { Module, type OnModuleInit } from '@nestjs/common'
import { GraphsModule, GraphStore } from '#graphs'
import { Embedder } from './embedder.js'
import { StoreCalls } from './store-calls.js'
import { StoreIndex } from './store-index.js'
import { StoreSweeper } from './store-sweeper.js'
import { StoreVectorsRepository } from './store-vectors.repository.js'
import { StoreController } from './store.controller.js'
import { StoreRepository } from './store.repository.js'
import { StoreService } from './store.service.js'

/**
 * The store: its routes, and the same items for nodes. The composition root opens `StoreIndex` and starts
 * `StoreSweeper`; needs the scheduler of `@nestjs/schedule` from a global module.
 */
@Module({
  imports: [GraphsModule],
  controllers: [StoreController],
  providers: [StoreRepository, StoreVectorsRepository, Embedder, StoreIndex, StoreService, StoreCalls, StoreSweeper],
  exports: [StoreService, StoreIndex, StoreSweeper],
})
export class StoreModule implements OnModuleInit {
  constructor(
    private readonly graphStore: GraphStore,
    private readonly store: StoreService,
  ) {}

  onModuleInit(): void {
    this.graphStore.bind(this.store)
  }
}
