/** Serves both forms of `pg`'s `end`: the promise, and the callback that TypeORM passes. */
export function settle(work: Promise<void>, callback?: (error?: Error) => void): Promise<void> | void {
  if (!callback) return work
  work.then(() => callback(), callback)
}
