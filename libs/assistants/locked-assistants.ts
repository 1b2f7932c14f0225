import { Injectable } from '@nestjs/common'
import { isVisible, type Visibility } from '#auth'
import { type Transaction, UnitOfWork } from '#database'
import type { AssistantFields } from './assistant.entity.js'
import { assistantNotFound } from './assistants.errors.js'
import { type AssistantLock, AssistantsRepository } from './assistants.repository.js'

/** Which assistant a change is for, and whose. */
export interface ChangedAssistant {
  readonly assistantId: string
  readonly lock: AssistantLock
  /** Which assistants the caller may see. */
  readonly visibility: Visibility
}

/** Does what must have an assistant to itself. */
@Injectable()
export class LockedAssistants {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly assistants: AssistantsRepository,
  ) {}

  /** Changes it in one transaction, under its lock. @throws AppError `assistant_not_found`. */
  change<Result>(
    { assistantId, lock, visibility }: ChangedAssistant,
    change: (tx: Transaction, assistant: AssistantFields) => Promise<Result>,
  ): Promise<Result> {
    return this.unitOfWork.run(async (tx) => {
      const assistant = await this.assistants.lock(tx, assistantId, lock)
      if (!assistant || !isVisible(visibility, assistant.metadata)) throw assistantNotFound()
      return change(tx, assistant)
    })
  }
}
