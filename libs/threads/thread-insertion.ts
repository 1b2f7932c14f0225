import { Injectable } from '@nestjs/common'
import { UnitOfWork } from '#database'
import type { PreparedUpdate } from '#graphs'
import { ThreadStateStore } from './thread-state-store.js'
import type { Thread } from './thread.entity.js'
import { type NewThread, ThreadsRepository } from './threads.repository.js'

/** Stores new threads. */
@Injectable()
export class ThreadInsertion {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly threads: ThreadsRepository,
    private readonly store: ThreadStateStore,
  ) {}

  /** The thread with the state to begin with; null, and nothing stored, when the id is taken. */
  insert(row: NewThread, prepared: PreparedUpdate | null): Promise<Thread | null> {
    return this.unitOfWork.run(async (tx) => {
      const inserted = await this.threads.insertIfAbsent(tx, row)
      if (inserted === null || prepared === null) return inserted
      await this.store.store(tx, row.threadId, prepared)
      return this.threads.find(tx, row.threadId)
    })
  }
}
