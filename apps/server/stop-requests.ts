import { constants } from 'node:os'

/** Grace for running work when `dev` restarts the server, in ms: the run goes on from its checkpoint afterwards. */
const RESTART_GRACE_MS = 1_000

/** Asks this process to stop; undefined leaves the grace to the settings. */
export interface StopRequest {
  readonly graceMs?: number
}

/** What the parent process of `signalbox dev` tells its server. */
export type ParentMessage = 'stop' | 'restart'

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopBySignal(): Promise<StopRequest> {
  return new Promise((resolve) => {
    let isAsked = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (isAsked) process.exit(128 + constants.signals[signal])
      isAsked = true
      resolve({})
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}

/**
 * Resolves when the parent says so or is gone. The parent alone counts signals: a terminal sends SIGINT to both, and
 * a service manager SIGTERM.
 */
export function stopByParent(): Promise<StopRequest> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => undefined).on('SIGTERM', () => resolve({}))
    process.on('disconnect', () => resolve({ graceMs: RESTART_GRACE_MS }))
    process.on('message', (message: ParentMessage) =>
      resolve(message === 'restart' ? { graceMs: RESTART_GRACE_MS } : {}),
    )
  })
}
