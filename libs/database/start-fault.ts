import { describeError } from '#kernel'
import { databaseMissing, databaseUnreachable, databaseUserRefused } from './database.errors.js'

/** What to do about a connection that there is none of; null for anything else. */
export function startFault(error: unknown): Error | null {
  if (!(error instanceof Error)) return null
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const reason = describeError(error).message
  if (code === '3D000') return databaseMissing(reason)
  if (code.startsWith('28')) return databaseUserRefused(reason)
  return /^E[A-Z]+$/.test(code) || /timeout|terminated/i.test(error.message) ? databaseUnreachable(reason) : null
}
