import type { Pool } from 'pg'
import { isAlone, type Settings } from '#config'
import { openPool } from '#database'
import type { Logger } from '#kernel'

/** Begins to open the database of the settings. Whoever awaits it is told what went wrong. */
export function openDatabase(settings: Settings, logger: Logger): Promise<Pool> {
  const opening = openPool(settings.database, logger, { isShared: !isAlone(settings) })
  opening.catch(() => undefined)
  return opening
}
