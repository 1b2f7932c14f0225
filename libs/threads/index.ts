import { Thread } from './thread.entity.js'

export { CommandDto } from './dto/superstep.dto.js'
export { AssistantThreads } from './assistant-threads.js'
export { type LockedThread, Thread, type ThreadError, type ThreadStatus } from './thread.entity.js'
export { ThreadCreation, type ThreadRequest } from './thread-creation.js'
export { graphIdOf } from './thread-graph.js'
export { ThreadStateService } from './thread-state.service.js'
export { ThreadSweepSchedule } from './thread-sweep-schedule.js'
export { ThreadSweeper } from './thread-sweeper.js'
export { threadBusy, threadExists, threadNotFound } from './threads.errors.js'
export { ThreadsModule } from './threads.module.js'
export { type BusyThread, type NewThread, type SettledThread, ThreadsRepository } from './threads.repository.js'
export { ThreadsService } from './threads.service.js'

/** The tables of this room as TypeORM knows them. */
export const THREAD_ENTITIES = [Thread]
