// What must be undone when the command ends, however it ends.

/** @type {Set<() => unknown>} */
const duties = new Set()
/** @type {Set<number>} leaders of process groups that are still there */
const groups = new Set()

/**
 * Has `duty` done at the end unless it was done before.
 * @param {() => unknown} duty
 * @returns {() => Promise<void>} does it now
 */
export function atEnd(duty) {
  duties.add(duty)
  return async () => {
    if (duties.delete(duty)) await duty()
  }
}

/** @type {Promise<void> | null} */
let ending = null

/** Whether the end has begun, by a signal or in order. */
export function isEnding() {
  return ending !== null
}

/** Called before anything is begun that would have to be undone. @throws Error once the end has begun */
export function notAtEnd() {
  if (isEnding()) throw new Error('the measurement is being stopped')
}

/** Does all that is left, the last first; what fails is told and does not keep the rest. Asked twice, it is one end. */
export function cleanUp() {
  ending ??= undoAll()
  return ending
}

async function undoAll() {
  while (duties.size > 0) {
    const duty = [...duties].at(-1)
    duties.delete(duty)
    await Promise.resolve()
      .then(duty)
      .catch((error) => console.error(`left behind: ${error.message}`))
  }
}

/** @param {number} pid leader of a process group that must not outlive us */
export function guardGroup(pid) {
  groups.add(pid)
}

/** @param {number} pid a group that has ended */
export function releaseGroup(pid) {
  groups.delete(pid)
}

/** Cleans up on Ctrl-C and its like; a second one ends at once. */
export function cleanUpOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => void stopAfter(signal))
  }
  process.on('exit', () => {
    for (const pid of groups) killGroup(pid, 'SIGKILL')
  })
}

async function stopAfter(signal) {
  console.error(`\n${signal}: stopping what was started`)
  await cleanUp()
  process.exit(130)
}

/**
 * Signals a whole process group; one that has gone is fine.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
