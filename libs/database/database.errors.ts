import { AppError, defineError, startRefused } from '#kernel'

/**
 * The database cannot be asked now: it cannot be reached, stops or starts, has no connection left, or gives no answer.
 * It may be that what was asked has been done all the same.
 */
export const databaseAway = defineError({
  code: 'database_away',
  status: 503,
  level: 'warn',
  headers: { 'retry-after': '2' },
  message: () => 'The database is away. Try again in a moment.',
})

/** Whether this is what was thrown. */
export function isDatabaseAway(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === databaseAway.code
}

/** Another process holds the data folder. */
export const dataFolderInUse = (dir: string, owner: string) =>
  startRefused(
    `The data folder ${dir} is in use by another process (${owner}). Stop it, or give this one a folder of its own with --data-dir.`,
  )

/** The lock of the data folder is not this process's any more. */
export const dataFolderLost = (dir: string) =>
  startRefused(
    `The lock of the data folder ${dir} is gone or taken by another process. This process ends at once, so that it does not write any more.`,
  )

/** The data folder holds something that must not be overwritten. */
export const dataFolderOccupied = (dir: string) =>
  startRefused(
    `The folder ${dir} holds files and is no database of this version. Move it away, or name another folder with --data-dir.`,
  )

/** A Signalbox process is at work on the PostgreSQL database, and this one or that one must be alone. */
export const databaseInUse = (isShared: boolean) =>
  startRefused(
    isShared
      ? 'A signalbox process without REDIS_URI is using this PostgreSQL database, and must be alone: give it the same REDIS_URI, or stop it.'
      : 'Another signalbox process is using this PostgreSQL database. Several processes need Redis: set the same REDIS_URI for each of them, stop the other one, or name another database in DATABASE_URI.',
  )

/** PostgreSQL answers, and has no such database. */
export const databaseMissing = (reason: string) =>
  startRefused(
    `The database of DATABASE_URI (or DATABASE_URL) does not exist (${reason}). Create it with CREATE DATABASE, as an administrator of PostgreSQL, or name another.`,
  )

/** PostgreSQL answers, and lets the user not in. */
export const databaseUserRefused = (reason: string) =>
  startRefused(
    `PostgreSQL does not let in the user of DATABASE_URI (or DATABASE_URL) (${reason}). Check name and password; a user that does not exist is made with CREATE ROLE … LOGIN PASSWORD …, as an administrator of PostgreSQL.`,
  )

/** PostgreSQL has no connection left for this process. */
export const databaseFull = (reason: string) =>
  startRefused(
    `PostgreSQL takes no more connections (${reason}). Each process has up to SIGNALBOX_DATABASE_POOL and two more: lower it, or raise max_connections of the server.`,
  )

/** PostgreSQL did not answer at start. */
export const databaseUnreachable = (reason: string) =>
  startRefused(
    `The database of DATABASE_URI (or DATABASE_URL) cannot be reached (${reason}). Check the address and that it is running.`,
  )

/** A newer version has migrated the database: this one would write by rules that no longer hold. */
export const databaseNewer = (unknown: readonly string[]) =>
  startRefused(
    `The database is of a newer version of signalbox: it has migrations that this one does not know (${unknown.join(', ')}). Migrations go forward only: start the newer version again, or restore the copy of the database from before the upgrade.`,
  )
