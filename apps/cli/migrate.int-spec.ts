import 'reflect-metadata'
import { expect, it } from 'vitest'
import { migrateDatabase, openPool } from '#database'
import { setUpCheckpoints } from '#graphs'
import { JsonLogger } from '#kernel'
import { freshDatabase } from '#testing'

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
