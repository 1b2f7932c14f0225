import type { ExecuteOutcome, SettledState } from '#graphs'
import type { Thread } from '#threads'
import type { RunEnding } from './run-ending.js'

/** What `wait` and `join` answer when there are no values: never `null`, on which the JS client throws (contract 5.7). */
export const EMPTY_RESULT = '{}'

/** The answer of `wait` and `join` as JSON text, by the precedence of contract 5.7. */
export function resultOf(ending: RunEnding, outcome: ExecuteOutcome): string {
  if (ending.error) return errorResult(ending.error)
  if (isNonEmptyList(outcome.interruptsJson)) return `{"__interrupt__":${outcome.interruptsJson}}`
  return containerOr(outcome.lastValuesJson ?? outcome.state?.valuesJson ?? EMPTY_RESULT)
}

/** The answer for a run that ended without the outcome at hand: by its error, else the thread's values. */
export function storedResult(error: RunEnding['error'], valuesJson: string | null): string {
  return error ? errorResult(error) : containerOr(valuesJson ?? EMPTY_RESULT)
}

/** The answer for a run of which only its thread is left to ask: its open interrupts, else its values. */
export function threadResult(thread: Pick<Thread, 'status' | 'interrupts' | 'values'>): string {
  const interrupts = Object.values(thread.interrupts).flat()
  if (thread.status === 'interrupted' && interrupts.length > 0) return JSON.stringify({ __interrupt__: interrupts })
  return storedResult(null, thread.values == null ? null : JSON.stringify(thread.values))
}

/** `values` of the webhook: the state's values, with the interrupts that wait for an answer (webhooks contract 2). */
export function valuesWithInterrupts(state: SettledState): string {
  const interrupts = Object.values(JSON.parse(state.interruptsJson) as Record<string, unknown[]>).flat()
  if (interrupts.length === 0 || !state.valuesJson.startsWith('{')) return state.valuesJson
  const body = state.valuesJson.slice(1)
  const separator = body === '}' ? '' : ','
  return `{"__interrupt__":${JSON.stringify(interrupts)}${separator}${body}`
}

/** In-band failure (contract 5.7). */
export function errorResult(error: { readonly error: string; readonly message: string }): string {
  return JSON.stringify({ __error__: { error: error.error, message: error.message } })
}

function isNonEmptyList(json: string | null): boolean {
  return json !== null && json !== '[]'
}

/** JS clients evaluate `"__error__" in result`, which needs an object or an array. */
function containerOr(json: string): string {
  return json.startsWith('{') || json.startsWith('[') ? json : EMPTY_RESULT
}
