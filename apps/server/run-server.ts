import { loadSettings, type SettingsRequest } from '#config'
import { JsonLogger, type Logger } from '#kernel'
import { openDatabase } from './open-database.js'
import type { RunningServer } from './start-server.js'
import type { StopRequest } from './stop-requests.js'

/** How long the process may need to end by itself after the stop, in ms. */
const LAST_RESORT_MS = 1_000

/** How a process that is a server is run. */
export interface ProcessOptions {
  readonly request: SettingsRequest
  /** Resolves when the process is to stop. */
  readonly stop: Promise<StopRequest>
  /** Called once requests are answered. */
  readonly onReady?: () => void
}

/** Runs the server until it is to stop, and sets the exit code: 1 when it could not start, with a sentence why. */
export async function runServer({ request, stop, onReady }: ProcessOptions): Promise<void> {
  // Once graphs are loaded, what is imported goes through their loader: it would be a second copy, with errors of its own.
  const faults = import('./start-faults.js')
  try {
    const server = await start(request)
    onReady?.()
    const { graceMs } = await stop
    await server.stop(graceMs)
  } catch (error) {
    const { tellStartFault } = await faults
    tellStartFault(error)
    process.exitCode = 1
  }
  // The loop empties by itself; a graph's own timer or socket must not keep the process.
  setTimeout(() => process.exit(), LAST_RESORT_MS).unref()
}

/** The database is opened while the rest of the program is loaded: each takes half a second or more. */
async function start(request: SettingsRequest): Promise<RunningServer> {
  const settings = loadSettings(request)
  const logger = JsonLogger.create(settings.logLevel)
  surviveGraphFaults(logger)
  const pool = openDatabase(settings, logger)
  const { startServer } = await import('./start-server.js')
  return startServer({ settings, logger, pool })
}

/** A promise that a user's graph forgot must not end everybody's runs; Node would end the process. */
function surviveGraphFaults(logger: Logger): void {
  process.on('unhandledRejection', (err) => logger.error({ err }, 'a promise was rejected and nobody handled it'))
}
