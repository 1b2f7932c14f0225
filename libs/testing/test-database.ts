import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Pool } from 'pg'
import { DataSource } from 'typeorm'
import type { DatabaseSettings } from '#config'
import { Database, dataSourceOptions, migrate, openPool, UnitOfWork } from '#database'
import { JsonLogger, newId } from '#kernel'

/** A fresh, migrated database of one spec file. */
export interface TestDatabase {
  readonly dataSource: DataSource
  readonly database: Database
  readonly unitOfWork: UnitOfWork
  readonly pool: Pool
  /** Closes and removes it. */
  close(): Promise<void>
}

/** Settings of a fresh, empty database, and how to remove it once it is closed. */
export interface TestDatabaseSettings {
  readonly settings: DatabaseSettings
  remove(): Promise<void>
}

/** Which database the specs run on: `SIGNALBOX_TEST_DATABASE=postgres`, else the embedded one. */
export const TEST_DATABASE: 'embedded' | 'postgres' =
  process.env['SIGNALBOX_TEST_DATABASE'] === 'postgres' ? 'postgres' : 'embedded'

/**
 * The Redis of the tests: `SIGNALBOX_TEST_REDIS`, which `.ci/run` sets where one answers. Null: none is known, and what
 * needs one is skipped.
 */
export const TEST_REDIS = process.env['SIGNALBOX_TEST_REDIS'] ?? null

const SERVER = process.env['SIGNALBOX_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432'

/** The port of the PostgreSQL server of the tests. */
export const TEST_SERVER_PORT = Number(new URL(SERVER).port || 5432)

/** Opens a fresh database with every migration applied; `vectors` as in `DatabaseSettings`. */
export async function openTestDatabase({ vectors = false } = {}): Promise<TestDatabase> {
  const fresh = await freshDatabase()
  const settings = fresh.settings.kind === 'embedded' ? { ...fresh.settings, vectors } : fresh.settings
  const pool = await openPool(settings, JsonLogger.create('silent'))
  const dataSource = await new DataSource(dataSourceOptions(pool)).initialize()
  await migrate(dataSource)
  return {
    dataSource,
    database: new Database(dataSource),
    unitOfWork: new UnitOfWork(dataSource),
    pool,
    close: async () => {
      await dataSource.destroy()
      await fresh.remove()
    },
  }
}

/** Makes room for a fresh database: a folder, or a database on the test server. */
export function freshDatabase(): Promise<TestDatabaseSettings> {
  return TEST_DATABASE === 'postgres' ? freshPostgres() : Promise.resolve(freshFolder())
}

function freshFolder(): TestDatabaseSettings {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-test-'))
  return {
    settings: { kind: 'embedded', dir },
    remove: () => Promise.resolve(rmSync(dir, { recursive: true, force: true })),
  }
}

async function freshPostgres(): Promise<TestDatabaseSettings> {
  const name = `signalbox_test_${newId().replaceAll('-', '')}`
  await onServer(`CREATE DATABASE ${name}`)
  return {
    settings: { kind: 'postgres', uri: `${SERVER}/${name}`, poolSize: 8 },
    remove: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`),
  }
}

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: `${SERVER}/postgres` })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
