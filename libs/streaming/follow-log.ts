import { type EventPosition, parseEventPosition } from './event-position.js'
import { modeFilter } from './mode-filter.js'
import { RunLog } from './run-log.js'
import type { FollowOptions, StreamFrame } from './run-streams.js'
import { eventsGone } from './streaming.errors.js'

/**
 * `RunStreams.follow` of a log; without one there is nothing to read. `isWhole`: whether the log holds what was said until
 * now, so that an id it does not know was not given yet.
 */
export function followLog(
  log: RunLog | undefined,
  options: FollowOptions,
  isWhole: boolean,
): AsyncIterable<StreamFrame> {
  const position = parseEventPosition(options.afterId)
  const known = log ?? endedLog()
  return known.read(startOf(known, position, isWhole), modeFilter(options.modes), options.signal)
}

/** The first number to read. An id that was not given yet means the live tail. */
function startOf(log: RunLog, position: EventPosition, isWhole: boolean): number {
  if (position === 'tail') return log.nextSeq
  if (position === 'beginning') return log.firstSeq
  const next = isWhole ? Math.min(position.after + 1, log.nextSeq) : position.after + 1
  // The id may be of an attempt in a process that is gone, and so are its events: the log has all there is.
  if (next > log.droppedThrough) return next
  throw eventsGone(String(position.after))
}

function endedLog(): RunLog {
  const log = new RunLog(false)
  log.end()
  return log
}
