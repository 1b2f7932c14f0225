import { AsyncLocalStorage } from 'node:async_hooks'

/** What a piece of work is known by in the log, for example `run_id`. */
export type WorkLabel = Readonly<Record<string, string>>

const labels = new AsyncLocalStorage<WorkLabel>()

/** Does the work under a label, all that follows from it too: whoever finds the process stuck in it can name it. */
export function labelled<Result>(label: WorkLabel, work: () => Result): Result {
  return labels.run(label, work)
}

/** The label of what is being executed at this moment; null when it has none. */
export function currentLabel(): WorkLabel | null {
  return labels.getStore() ?? null
}
