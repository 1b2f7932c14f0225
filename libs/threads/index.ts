import { Thread } from './thread.entity.js'

export { type LockedThread, Thread, type ThreadError, type ThreadStatus } from './thread.entity.js'
export { ThreadStateService } from './thread-state.service.js'
export { threadExists, threadNotFound } from './threads.errors.js'
export { ThreadsModule } from './threads.module.js'
export { type BusyThread, type NewThread, type SettledThread, ThreadsRepository } from './threads.repository.js'
export { type ThreadRequest, ThreadsService } from './threads.service.js'

/** The tables of this room as TypeORM knows them. */
export const THREAD_ENTITIES = [Thread]
