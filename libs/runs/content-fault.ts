/** SQLSTATE classes of values that PostgreSQL refuses: data exceptions, and limits of the program. */
const CONTENT_CLASSES = ['22', '54']

/** Whether storing failed for what was to be stored, so that trying again is of no use. */
export function isContentFault(thrown: unknown): boolean {
  if (thrown instanceof RangeError) return true // a text longer than JavaScript can make
  const code = (thrown as { code?: unknown } | null)?.code
  return typeof code === 'string' && code.length === 5 && CONTENT_CLASSES.includes(code.slice(0, 2))
}
