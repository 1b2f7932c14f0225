import { constants } from 'node:os'

/** A terminal and npm may both pass one Ctrl-C on; only later ones mean «at once», in ms. */
const ONE_PRESS_MS = 1_000
/** How often it is looked whether npm is still there, in ms. */
const PARENT_CHECK_MS = 1_000

/** A signal that is aborted when the demo is to end: Ctrl-C, SIGTERM, a closed terminal, or npm was killed. */
export function whenAskedToStop() {
  const asked = new AbortController()
  let askedAt = 0
  const onSignal = (/** @type {NodeJS.Signals} */ name) => {
    if (askedAt !== 0 && Date.now() - askedAt > ONE_PRESS_MS) process.exit(128 + constants.signals[name])
    askedAt ||= Date.now()
    asked.abort()
  }
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, onSignal)
  if (process.env.npm_lifecycle_event !== undefined) watchParent(() => asked.abort())
  return asked
}

/**
 * npm hands SIGTERM to its shell and not to us: without this, we would stay behind.
 * @param {() => void} onGone
 */
function watchParent(onGone) {
  const parent = process.ppid
  setInterval(() => process.ppid === parent || onGone(), PARENT_CHECK_MS).unref()
}
