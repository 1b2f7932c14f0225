import type { StateSnapshot } from '@langchain/langgraph'
import { storableJson } from '#kernel'
import type { SettledState } from './execute-request.js'
import { toJson } from './graph-json.js'
import { isAsking, nextNodes } from './open-interrupts.js'
import { hasCheckpoint } from './thread-state.js'

/** JSON for the database: PostgreSQL takes neither U+0000 nor lone surrogates. */
export function storableGraphJson(value: unknown): string {
  return storableJson(toJson(value))
}

/** What a thread row needs of its latest state; null when there is no checkpoint. */
export function settle(snapshot: StateSnapshot): SettledState | null {
  if (!hasCheckpoint(snapshot)) return null
  const waiting = snapshot.tasks.filter(isAsking)
  return {
    valuesJson: storableGraphJson(snapshot.values),
    next: nextNodes(snapshot),
    interruptsJson: storableGraphJson(Object.fromEntries(waiting.map((task) => [task.id, task.interrupts]))),
  }
}
