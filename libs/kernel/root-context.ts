import { AsyncResource } from 'node:async_hooks'

const root = new AsyncResource('signalbox')

/**
 * Begins work outside of what `AsyncLocalStorage` knows of the caller. LangGraph keeps a graph's configuration there, its
 * abort signal too: work that a graph only occasions (a run that it creates, all that the worker claims once it is
 * awake) would inherit both, and end with a graph that it has nothing to do with.
 */
export function outsideOfCaller<Result>(work: () => Result): Result {
  return root.runInAsyncScope(work)
}
