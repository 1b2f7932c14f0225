import { AppError } from '#kernel'

/** Does what concerns one element of a batch; a 422 then names the element's index (contract 5.8). */
export function atPlace<Result>(index: number, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 422) throw error
    throw new AppError(error.code, error.status, error.level, `[${index}]: ${error.message}`, { cause: error })
  }
}
