/**
 * How many arrays and objects may be nested in a request body. JSON.parse reads any depth, while JSON.stringify and
 * PostgreSQL's `jsonb` run out of stack on it: without a limit such a body would fail after it was accepted.
 */
export const MAX_JSON_DEPTH = 500

/** Whether the value nests arrays and objects deeper than `limit`; works level by level, not by recursion. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level = containersOf([value])
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === limit) return true
    level = level.flatMap((container) => containersOf(Object.values(container)))
  }
  return false
}

function containersOf(values: readonly unknown[]): object[] {
  return values.filter((value): value is object => typeof value === 'object' && value !== null)
}
