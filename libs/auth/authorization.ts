import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Clock, isJsonObject, type JsonObject } from '#kernel'
import type { AuthEvent } from './auth-events.js'
import { authFault, filterWithoutMetadata, forbidden } from './auth.errors.js'
import { CallerContext } from './caller-context.js'
import { CustomAuth } from './custom-auth.js'
import { parseFilter, type Visibility } from './metadata-filter.js'
import { withinDeadline } from './within-deadline.js'

/** Asks the project's handlers what the caller may do (contract 1.7). Without `auth.path` everybody may do everything. */
@Injectable()
export class Authorization {
  constructor(
    private readonly settings: Settings,
    private readonly custom: CustomAuth,
    private readonly context: CallerContext,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks about one request. The handler may change `value`, and what it leaves there is to be used (`metadataIn`).
   * @returns which rows the caller may see.
   * @throws AppError `forbidden`, what the handler throws, and `forbidden` too where nobody is known: a way that leads
   * here past authentication must not open anything.
   */
  async ask(event: AuthEvent, value: JsonObject): Promise<Visibility> {
    if (this.settings.auth.kind !== 'custom') return null
    const caller = this.context.current
    if (caller === null) throw forbidden()
    const handler = this.custom.handlers.handlerOf(event)
    if (handler === null) return null
    const [resource, action] = event.split(':')
    // A copy: what a handler changes in it is not to meet the next question.
    const user = structuredClone(caller.user)
    const question = { event, resource, action, value, user, permissions: [...caller.permissions] }
    return this.#read(event, await withinDeadline(this.clock, () => handler(question)))
  }

  /** The same where there is no metadata to filter by. @throws AppError `filter_without_metadata` too. */
  async askWithoutFilter(event: AuthEvent, value: JsonObject): Promise<void> {
    if ((await this.ask(event, value)) !== null) throw filterWithoutMetadata(event)
  }

  #read(event: AuthEvent, answer: unknown): Visibility {
    if (answer === undefined || answer === null || answer === true) return null
    if (answer === false) throw forbidden()
    try {
      if (!isJsonObject(answer)) throw new Error('neither true, false nor a filter')
      return parseFilter(answer)
    } catch (cause) {
      throw authFault(`the handler's answer to ${event} cannot be used`, cause)
    }
  }
}

/** The metadata that a handler has left in the value; `{}` where it has left none. @throws AppError `auth_faulty`. */
export function metadataIn(value: JsonObject): JsonObject {
  const { metadata } = value
  if (metadata === undefined || metadata === null) return {}
  if (isJsonObject(metadata)) return metadata
  throw authFault('a handler has left metadata that are no object')
}
