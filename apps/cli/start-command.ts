import { portOf } from '../server/port-option.js'
import { stopBySignal } from '../server/stop-requests.js'
import type { ServeOptions } from './program.js'

/**
 * `signalbox start`: the server in this process, with production defaults. Signals are heard before the server is loaded,
 * which takes a second: the first process of a container would never hear one that came meanwhile.
 */
export async function start({ config, host, port, dataDir, role }: ServeOptions): Promise<void> {
  const stop = stopBySignal()
  await import('reflect-metadata')
  const { runServer } = await import('../server/run-server.js')
  await runServer({
    request: { mode: 'start', configFile: config, environment: process.env, host, port: portOf(port), dataDir, role },
    stop,
  })
}
