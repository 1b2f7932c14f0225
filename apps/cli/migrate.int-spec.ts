import 'reflect-metadata'
import { expect, it } from 'vitest'
import { migrateDatabase, openPool } from '#database'
import { setUpCheckpoints } from '#graphs'
import { JsonLogger } from '#kernel'
import { setUpVectors } from '#store'
import { freshDatabase, TEST_DATABASE } from '#testing'

const logger = JsonLogger.create('silent')

it('makes every table, those of LangGraph too, so that a role that may create nothing can start afterwards', async () => {
  const fresh = await freshDatabase()
  const migrate = () => migrateDatabase({ settings: fresh.settings, logger, setUpOthers: setUpCheckpoints })
  expect((await migrate()).length).toBeGreaterThan(0)
  expect(await migrate()).toEqual([])
  const pool = await openPool(fresh.settings, logger)
  const limited = `signalbox_limited_${process.pid}`
  await pool.query(`CREATE ROLE ${limited}`)
  await pool.query(`GRANT USAGE ON SCHEMA langgraph TO ${limited}`)
  await pool.query(`GRANT SELECT ON ALL TABLES IN SCHEMA langgraph TO ${limited}`)
  await pool.query(`SET ROLE ${limited}`) // the one connection that is open so far
  await expect(pool.query('CREATE SCHEMA IF NOT EXISTS langgraph')).rejects.toMatchObject({ code: '42501' })
  await setUpCheckpoints(pool)
  await pool.query('RESET ROLE')
  await pool.query(`DROP OWNED BY ${limited}`)
  await pool.query(`DROP ROLE ${limited}`)
  await pool.end()
  await fresh.remove()
})

it.skipIf(TEST_DATABASE === 'postgres')(
  'makes the table of vectors once, and anew when their length changes',
  async () => {
    const fresh = await freshDatabase()
    const settings = fresh.settings.kind === 'embedded' ? { ...fresh.settings, vectors: true } : fresh.settings
    const lines: string[] = []
    const warner = JsonLogger.create('warn', { write: (line) => void lines.push(line) })
    const migrate = (dims: number) =>
      migrateDatabase({
        settings,
        logger,
        setUpOthers: async (pool, unitOfWork) => {
          await setUpVectors({ unitOfWork, logger: warner, dims })
          await pool.query('CREATE TABLE IF NOT EXISTS seen (oid oid)')
          await pool.query(`INSERT INTO seen VALUES ('store_vectors'::regclass)`)
        },
      })
    for (const dims of [2, 2, 3]) await migrate(dims)
    const pool = await openPool(settings, logger)
    const { rows } = await pool.query<{ oid: number }>('SELECT oid FROM seen')
    expect(rows[0]).toEqual(rows[1])
    expect(rows[1]).not.toEqual(rows[2])
    expect(lines.filter((line) => line.includes('store.index.dims has changed'))).toHaveLength(1)
    await pool.end()
    await fresh.remove()
  },
)
