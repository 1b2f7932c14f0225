import 'reflect-metadata'
import { parseArgs } from 'node:util'
import { portOf } from './port-option.js'
import { runServer } from './run-server.js'
import { stopByParent, stopBySignal } from './stop-requests.js'

// `main.js dev|start [--config …] [--host …] [--port …] [--data-dir …] [--role …] [--supervised]`: the server as a
// process of its own. `signalbox dev` starts it as a child (`--supervised`), Nest's own command without arguments.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: 'langgraph.json' },
    host: { type: 'string' },
    port: { type: 'string' },
    'data-dir': { type: 'string' },
    role: { type: 'string' },
    supervised: { type: 'boolean', default: false },
  },
})

await runServer({
  request: {
    mode: positionals[0] === 'start' ? 'start' : 'dev',
    configFile: values.config,
    environment: process.env,
    host: values.host,
    port: portOf(values.port),
    dataDir: values['data-dir'],
    role: values.role,
  },
  stop: values.supervised ? stopByParent() : stopBySignal(),
  onReady: () => process.send?.('ready'),
})
if (values.supervised && process.connected) process.disconnect()
