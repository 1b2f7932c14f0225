import { AppError, describeError } from '#kernel'
import { stateUnreadable } from './graphs.errors.js'

/**
 * Reads a state by its graph, which may be unable to: a reducer that throws at a run's input throws again whenever the
 * state is read, for the input is kept as a write. That is told apart from a database that is away by reading the
 * checkpoint itself.
 * @param checkpoint reads it as it is stored.
 * @throws AppError `state_unreadable` when the graph cannot; what `checkpoint` throws.
 */
export async function readableState<State>(
  read: () => Promise<State>,
  checkpoint: () => Promise<unknown>,
): Promise<State> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError) throw error
    await checkpoint()
  }
  try {
    return await read()
  } catch (cause) {
    throw Object.assign(stateUnreadable(describeError(cause).message), { cause })
  }
}

/** What the graph threw where it could not read the state; null for every other error. */
export function unreadableBy(error: unknown): { readonly thrown: unknown } | null {
  return error instanceof AppError && error.code === stateUnreadable.code ? { thrown: error.cause } : null
}
