// Webhooks, measured on the built server (`npm run build` first), all in one run:
//   node bench/webhooks.mjs [--backlog 20000] [--history 1000000] [--runs 100] [--plan] [--only embedded|postgres]
// - deliveries per second from a backlog, as a ratio to a bare keep-alive POST loop in as many processes, then again
//   with a history of delivered rows in the tables, and the plan of the claim;
// - a healthy host behind ten thousand deliveries for a dead one;
// - run ended → webhook received, idle and under load.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureBacklog } from './support/backlog.mjs'
import { embedded, postgres } from './support/databases.mjs'
import { measureDeadHost } from './support/dead-host.mjs'
import { measureLatency } from './support/latency.mjs'
import { startReceiver } from './support/processes.mjs'

const { values } = parseArgs({
  options: {
    backlog: { type: 'string', default: '20000' },
    history: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '100' },
    only: { type: 'string' },
    plan: { type: 'boolean', default: false },
    'no-dead-host': { type: 'boolean', default: false },
  },
})
const options = {
  backlog: Number(values.backlog),
  history: Number(values.history),
  runs: Number(values.runs),
  plan: values.plan,
  deadHost: !values['no-dead-host'],
}
const KINDS = { embedded, postgres }

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0].model}`)
const receiver = await startReceiver()
for (const [kind, open] of Object.entries(KINDS)) {
  if (values.only && values.only !== kind) continue
  const database = await open()
  if (database === null) {
    console.log(`SKIPPED: ${kind} cannot be reached`)
    continue
  }
  try {
    if (options.backlog > 0) await measureBacklog(database, receiver, options)
    if (options.runs > 0) await measureLatency(database, receiver, options)
    if (options.deadHost) await measureDeadHost(database, receiver)
  } finally {
    await database.remove()
  }
}
await receiver.close()
