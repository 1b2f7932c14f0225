import { v5, v7, validate } from 'uuid'
import { invalidId } from './common-errors.js'

/** The namespace of system assistant ids (contract 1.4). */
const SYSTEM_ASSISTANT_NAMESPACE = '6ba7b821-9dad-11d1-80b4-00c04fd430c8'

/** A new id: UUID v7, which sorts by the time it was made. */
export function newId(): string {
  return v7()
}

/** The id of the system assistant of a graph (contract 1.4). */
export function systemAssistantId(graphId: string): string {
  return v5(graphId, SYSTEM_ASSISTANT_NAMESPACE)
}

/** Whether the text is a UUID of any version. */
export function isUuid(text: string): boolean {
  return validate(text)
}

/** Returns the id in lower case. @throws AppError `invalid_id` naming the kind (`thread`, `run`, …). */
export function requireUuid(kind: string, text: string): string {
  if (!isUuid(text)) throw invalidId(kind)
  return text.toLowerCase()
}
