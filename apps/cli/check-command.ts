import 'reflect-metadata'
import { loadSettings, type Settings } from '#config'
import { GraphRegistry, TsxImporter } from '#graphs'
import { tellStartFault } from '../server/start-faults.js'
import type { ConfigOptions } from './program.js'

/** How long a loaded graph's own timers and sockets may keep the process, in ms. */
const LAST_RESORT_MS = 500

/** `signalbox check`: exit code 0 when `signalbox start` would find nothing to refuse in configuration and graphs. */
export async function check({ config }: ConfigOptions): Promise<void> {
  try {
    const settings = loadSettings({ mode: 'start', configFile: config, environment: process.env })
    await new GraphRegistry(settings, new TsxImporter(settings)).load()
    process.stdout.write(summary(settings))
  } catch (error) {
    tellStartFault(error)
    process.exitCode = 1
  }
  setTimeout(() => process.exit(), LAST_RESORT_MS).unref()
}

function summary({ graphs, configFile, warnings }: Settings): string {
  const ids = graphs.map(({ graphId }) => graphId).join(', ')
  const notes = warnings.map((warning) => `warning: ${warning}\n`).join('')
  return `${notes}ok: ${configFile} is valid, ${graphs.length} of ${graphs.length} graphs load (${ids})\n`
}
