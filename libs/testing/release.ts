import type { Pool } from 'pg'
import { DataSource } from 'typeorm'
import { dataSourceOptions, migrate } from '#database'

/** A release, as a database knows it. */
export interface Release {
  /** Its last migration. */
  readonly lastMigration: string
  /** SHA-256 of the statements of all its migrations: what has been released is never changed. */
  readonly statements: string
}

/** The classes of the migrations that a release has, oldest first. */
export function migrationsUpTo(pool: Pool, lastMigration: string): (new () => object)[] {
  const all = dataSourceOptions(pool).migrations as (new () => object)[]
  const place = all.findIndex(({ name }) => name === lastMigration)
  if (place < 0) throw new Error(`there is no migration ${lastMigration}`)
  return all.slice(0, place + 1)
}

/** Gives an empty database the schema that it had once this migration was the last. */
export async function migrateUpTo(pool: Pool, lastMigration: string): Promise<void> {
  const migrations = migrationsUpTo(pool, lastMigration)
  await migrate(await new DataSource({ ...dataSourceOptions(pool), migrations }).initialize())
}
