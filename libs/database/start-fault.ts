import { describeError } from '#kernel'
import { saysAway } from './away.js'
import { databaseFull, databaseMissing, databaseUnreachable, databaseUserRefused } from './database.errors.js'

/** What to do about a connection that there is none of; null for anything else. */
export function startFault(error: unknown): Error | null {
  if (!(error instanceof Error)) return null
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const reason = describeError(error).message
  if (code === '3D000') return databaseMissing(reason)
  if (code.startsWith('28')) return databaseUserRefused(reason)
  if (code === '53300') return databaseFull(reason)
  const isAway = saysAway(error) || /^E[A-Z]+$/.test(code) || /timeout|terminated/i.test(error.message)
  return isAway ? databaseUnreachable(reason) : null
}
