import 'reflect-metadata'
import { loadSettings } from '#config'
import { migrateDatabase } from '#database'
import { setUpCheckpoints } from '#graphs'
import { JsonLogger, startRefused } from '#kernel'
import { setUpVectors } from '#store'
import { tellStartFault } from '../server/start-faults.js'
import type { ConfigOptions } from './program.js'

/**
 * `signalbox migrate`: applies what is missing, of the tables of LangGraph's checkpoints and of `store.index` too, and
 * prints it. Without `DATABASE_URI` it fails: a deployment that forgot the variable must not go on, and the embedded
 * database is brought up to date by every start.
 */
export async function migrate({ config }: ConfigOptions): Promise<void> {
  try {
    const settings = loadSettings({ mode: 'start', configFile: config, environment: process.env })
    if (settings.database.kind === 'embedded') throw startRefused(NOTHING_TO_MIGRATE)
    const logger = JsonLogger.create(settings.logLevel)
    const { index } = settings.store
    const applied = await migrateDatabase({
      settings: settings.database,
      logger,
      setUpOthers: async (pool, unitOfWork) => {
        await setUpCheckpoints(pool)
        if (index !== null) await setUpVectors({ unitOfWork, logger, dims: index.dims })
      },
    })
    process.stdout.write(report(applied))
  } catch (error) {
    tellStartFault(error)
    process.exitCode = 1
  }
}

const NOTHING_TO_MIGRATE =
  'DATABASE_URI is not set: there is no PostgreSQL to migrate. The embedded database is brought up to date at every start.'

function report(applied: readonly string[]): string {
  const list = applied.length === 0 ? '' : `Applied:\n${applied.map((name) => `- ${name}\n`).join('')}`
  return `${list}The database is up to date, with the tables of LangGraph's checkpoints.\n`
}
