import type { Clock, Timer } from '#kernel'

/**
 * Calls back every `everyMs`, counted from the start and not from the last beat: clients measure the interval and take
 * an unsteady connection for dead (contract 6.5).
 */
export function startSteadyBeat(clock: Clock, everyMs: number, beat: () => void): Timer {
  let dueAt = clock.now().getTime() + everyMs
  const onDue = () => {
    dueAt += everyMs
    timer = clock.after(Math.max(0, dueAt - clock.now().getTime()), onDue)
    beat()
  }
  let timer = clock.after(everyMs, onDue)
  return { cancel: () => timer.cancel() }
}
