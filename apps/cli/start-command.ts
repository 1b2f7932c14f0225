import 'reflect-metadata'
import { portOf } from '../server/port-option.js'
import { runServer } from '../server/run-server.js'
import { stopBySignal } from '../server/stop-requests.js'
import type { ServeOptions } from './program.js'

/** `signalbox start`: the server in this process, with production defaults. */
export async function start({ config, host, port, dataDir, role }: ServeOptions): Promise<void> {
  await runServer({
    request: { mode: 'start', configFile: config, environment: process.env, host, port: portOf(port), dataDir, role },
    stop: stopBySignal(),
  })
}
