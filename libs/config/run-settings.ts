import type { Environment } from './environment.js'
import type { RunSettings } from './settings.js'

const SECOND = 1_000

/** How runs are executed: the numbers of design section 6 unless a variable says otherwise. */
export function readRuns(environment: Environment): RunSettings {
  return {
    maxConcurrent: environment.integer('SIGNALBOX_MAX_RUNS', 10, { min: 1 }),
    maxPending: environment.integer('SIGNALBOX_MAX_PENDING_RUNS', 100_000, { min: 1 }),
    maxPendingPerThread: environment.integer('SIGNALBOX_MAX_PENDING_PER_THREAD', 1_000, { min: 1 }),
    timeoutMs: environment.durationMs('SIGNALBOX_RUN_TIMEOUT', null),
    blockWarningMs: environment.durationMs('SIGNALBOX_BLOCK_WARNING', SECOND, 0),
    leaseMs: environment.durationMs('SIGNALBOX_LEASE', 60 * SECOND, SECOND),
    graceMs: environment.durationMs('SIGNALBOX_SHUTDOWN_GRACE', 30 * SECOND, 0),
    maxAttempts: 3,
    eventRetentionMs: 120 * SECOND,
  }
}
