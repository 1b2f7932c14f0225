import type { Environment } from './environment.js'
import type { Findings } from './findings.js'
import { MISSPELLING, nearestKey } from './nearest-key.js'

const PREFIX = 'SIGNALBOX_'

const KNOWN = [
  'ADMIN_KEY',
  'API_KEYS',
  'BLOCK_WARNING',
  'BODY_LIMIT',
  'DATABASE_POOL',
  'DATA_DIR',
  'HOST',
  'INSPECTOR',
  'LEASE',
  'LOG_LEVEL',
  'MAX_PENDING_PER_THREAD',
  'MAX_PENDING_RUNS',
  'MAX_RUNS',
  'MAX_STREAMS',
  'PORT',
  'PREPARED_STATEMENTS',
  'ROLE',
  'RUN_TIMEOUT',
  'SHUTDOWN_GRACE',
  'WEBHOOK_ALLOW_HOSTS',
  'WEBHOOK_CONCURRENCY',
  'WEBHOOK_MAX_BODY_BYTES',
  'WEBHOOK_PER_HOST',
  'WEBHOOK_PROXY',
  'WEBHOOK_RETENTION',
  'WEBHOOK_RETRY_SCHEDULE',
  'WEBHOOK_SECRETS',
  'WEBHOOK_TIMEOUT',
].map((name) => `${PREFIX}${name}`)

/** Set by test runs, or by Kubernetes for a service that is named `signalbox`: none of our business. */
const FOREIGN = /^SIGNALBOX_(TEST_|SERVICE_(HOST|PORT)|PORT_\d+_)/

/** More letters than that, or than a third of the name, make another name. */
const NEAR = MISSPELLING + 1

/** Tells `SIGNALBOX_…` variables that nothing reads: a fault when one looks like a misspelling, else a warning. */
export function judgeVariableNames(environment: Environment, findings: Findings): void {
  const names = environment.names().filter((name) => name.startsWith(PREFIX) && !FOREIGN.test(name))
  for (const name of names.filter((candidate) => !KNOWN.includes(candidate))) {
    const place = environment.place(name)
    const { key, distance } = nearestKey(name, KNOWN)!
    if (distance <= MISSPELLING) findings.fault(place, 'is not a known variable', `The nearest known one is ${key}.`)
    else {
      const isNear = distance <= Math.min(NEAR, (name.length - PREFIX.length) / 3)
      const nearest = isNear ? `; the nearest is ${key}` : ''
      findings.warn(`${place.where}: ${place.key} is not a known variable and is ignored${nearest}.`)
    }
  }
}
