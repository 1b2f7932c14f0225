export { StoreIndex } from './store-index.js'
export { StoreSweeper } from './store-sweeper.js'
export { StoreModule } from './store.module.js'
export { StoreService } from './store.service.js'
