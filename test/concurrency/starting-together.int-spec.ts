import 'reflect-metadata'
import { Pool } from 'pg'
import { DataSource } from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Settings } from '#config'
import { Database, dataSourceOptions, migrate, UnitOfWork } from '#database'
import { type GraphRegistry, setUpCheckpoints } from '#graphs'
import { JsonLogger, SystemClock } from '#kernel'
import { freshDatabase, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { AssistantVersionsRepository } from '../../libs/assistants/assistant-versions.repository.js'
import { AssistantsRepository } from '../../libs/assistants/assistants.repository.js'
import { SystemAssistants } from '../../libs/assistants/system-assistants.js'
import { MIGRATIONS } from '../../libs/database/migrations/index.js'
import type { Embedder } from '../../libs/store/embedder.js'
import { StoreIndex } from '../../libs/store/store-index.js'
import { StoreVectorsRepository } from '../../libs/store/store-vectors.repository.js'
import { STAND_IN_FOR_VECTORS } from '../support/vector-stand-in.js'

const PROCESSES = 6
const DIMS = 3
const GRAPHS = ['one', 'two', 'three']

/** With the stand-in for pgvector, which is no extension. */
class StandInVectors extends StoreVectorsRepository {
  override isAvailable(): Promise<boolean> {
    return Promise.resolve(true)
  }

  override enable(): Promise<void> {
    return Promise.resolve()
  }
}

/** What every process does to the database before it serves anything, in the order of the start. */
class Starter {
  readonly pool: Pool

  constructor(uri: string) {
    this.pool = new Pool({ connectionString: uri, max: 2 })
  }

  /** Returns the migrations that it has applied. */
  async start(): Promise<string[]> {
    const dataSource = await new DataSource(dataSourceOptions(this.pool)).initialize()
    const applied = await migrate(dataSource)
    await setUpCheckpoints(this.pool)
    const work = new UnitOfWork(dataSource)
    await this.#storeIndex(new Database(dataSource), work).open()
    await this.#systemAssistants(work).ensure()
    return applied
  }

  #storeIndex(database: Database, work: UnitOfWork): StoreIndex {
    const settings = { store: { index: { dims: DIMS } } } as Settings
    const embedder = { load: () => Promise.resolve() } as Embedder
    return new StoreIndex(settings, database, work, new StandInVectors(), embedder, JsonLogger.create('silent'))
  }

  #systemAssistants(work: UnitOfWork): SystemAssistants {
    const settings = { assistantDefaults: {}, graphs: [] } as unknown as Settings
    const graphs = { ids: () => GRAPHS } as unknown as GraphRegistry
    const repositories = [new AssistantsRepository(), new AssistantVersionsRepository()] as const
    return new SystemAssistants(work, ...repositories, graphs, settings, new SystemClock())
  }
}

// The embedded database belongs to one process.
describe.skipIf(TEST_DATABASE !== 'postgres')(`${PROCESSES} processes that start together on PostgreSQL`, () => {
  let fresh: TestDatabaseSettings
  let starters: Starter[]

  beforeEach(async () => {
    fresh = await freshDatabase()
    const uri = fresh.settings.kind === 'postgres' ? fresh.settings.uri : ''
    starters = Array.from({ length: PROCESSES }, () => new Starter(uri))
    for (const statement of STAND_IN_FOR_VECTORS) await starters[0]!.pool.query(statement)
  })
  afterEach(async () => {
    await Promise.all(starters.map(({ pool }) => pool.end()))
    await fresh.remove()
  })

  it('bring an empty database up to date once, each migration by one of them', async () => {
    const applied = await Promise.all(starters.map((starter) => starter.start()))
    const all = MIGRATIONS.map(({ name }) => name)
    expect(applied.flat()).toEqual(all)
    const { rows } = await starters[0]!.pool.query<{ name: string }>(
      'SELECT name FROM signalbox_migrations ORDER BY id',
    )
    expect(rows.map(({ name }) => name)).toEqual(all)
  })

  it('make one assistant of each graph, with one version', async () => {
    await Promise.all(starters.map((starter) => starter.start()))
    const { rows } = await starters[0]!.pool.query<{ graph: string; version: number }>(
      `SELECT a.graph_id AS graph, v.version FROM assistants a JOIN assistant_versions v USING (assistant_id)`,
    )
    expect(rows).toHaveLength(GRAPHS.length)
    expect(new Set(rows.map(({ graph }) => graph))).toEqual(new Set(GRAPHS))
    expect(rows.every(({ version }) => version === 1)).toBe(true)
  })

  it('make the table of vectors once: what one of them has stored the others do not drop', async () => {
    const startAndFill = async (starter: Starter, place: number) => {
      await starter.start()
      await starter.pool.query(
        `INSERT INTO store_items (namespace, key, value, created_at, updated_at) VALUES ('a.', $1, '{}', now(), now())`,
        [place],
      )
      await starter.pool.query(
        `INSERT INTO store_vectors SELECT namespace, key, 0, updated_at, '101' FROM store_items WHERE key = $1`,
        [place],
      )
    }
    await Promise.all(starters.map(startAndFill))
    const { rows } = await starters[0]!.pool.query('SELECT key FROM store_vectors')
    expect(rows).toHaveLength(PROCESSES)
  })
})
