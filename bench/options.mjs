// What the command may be told, and how much of everything that means.
import { parseArgs } from 'node:util'

export const USAGE = `npm run bench -- [options]
  --only <section>          one section; may be given more than once
  --except <section>        all but this one; may be given more than once
  --quick                   tiny counts, to try the instrument: writes bench/results/quick.md, never the page
  --history <rows>          finished runs and deliveries on PostgreSQL in the section growth (1000000)
  --embedded-history <rows> the same on the embedded database (200000; 0 leaves it out)
  --workers <list>          counts of worker processes in the section workers (1,2,4; 0 leaves it out)
  --output <file>           the page (docs/performance.md)
  --no-build                takes dist/ as it is
  --list                    names the sections`

/**
 * @typedef {object} Scale how much is measured
 * @property {number} rounds of everything that is measured in turns
 * @property {number} waits idle requests in a round
 * @property {number} slowWaits the same for a server that takes half a second for one
 * @property {number} seconds of load in a round
 * @property {number} warmUp seconds of load before the first
 * @property {number} webhooks runs with a webhook, one after the other, in a round
 * @property {number} backlog deliveries
 * @property {number} steps of the graph with many
 * @property {number} streams open at once
 * @property {number} streamSeconds
 * @property {number} starts
 * @property {number} history
 * @property {number} embeddedHistory
 * @property {number[]} workers
 */

/** @type {Omit<Scale, 'history' | 'embeddedHistory' | 'workers'>} */
const FULL = {
  rounds: 5,
  waits: 40,
  slowWaits: 6,
  seconds: 4,
  warmUp: 3,
  webhooks: 150,
  backlog: 20_000,
  steps: 100,
  streams: 500,
  streamSeconds: 12,
  starts: 3,
}

/** @type {typeof FULL} */
const QUICK = {
  rounds: 2,
  waits: 5,
  slowWaits: 2,
  seconds: 0.6,
  warmUp: 0.5,
  webhooks: 5,
  backlog: 500,
  steps: 10,
  streams: 20,
  streamSeconds: 2,
  starts: 1,
}

/** @param {string[]} args */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      except: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      history: { type: 'string' },
      'embedded-history': { type: 'string' },
      workers: { type: 'string', default: '1,2,4' },
      output: { type: 'string' },
      'no-build': { type: 'boolean' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const scale = {
    ...(values.quick ? QUICK : FULL),
    history: Number(values.history ?? (values.quick ? 2_000 : 1_000_000)),
    embeddedHistory: Number(values['embedded-history'] ?? (values.quick ? 1_000 : 200_000)),
    workers: values.workers
      .split(',')
      .map(Number)
      .filter((count) => count > 0),
  }
  return { ...values, only: values.only ?? [], except: values.except ?? [], scale }
}
