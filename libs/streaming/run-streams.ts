/** One event of a run as its readers get it. */
export interface StreamFrame {
  /** Decimal, rising by one per event of the run (contract 6.7). */
  readonly id: string
  readonly event: string
  /** One compact JSON document without line breaks. */
  readonly json: string
}

/** How a run's events are kept. */
export interface OpenOptions {
  /** `stream_resumable`: when memory is short, the events of finished runs without it are dropped first. */
  readonly replayable: boolean
  /**
   * The run's attempt, 1 when absent. A later attempt whose earlier events are not in this process starts with ids
   * above any that were given before, so that a reader's `Last-Event-ID` stays true.
   */
  readonly attempt?: number
}

/** Where a reader starts and what it wants. */
export interface FollowOptions {
  /** `Last-Event-ID`: null is the live tail from now, `-1` or `-` the beginning, else the events after this id. */
  readonly afterId: string | null
  /** `stream_mode` of the reader (contract 6.7); null is everything. */
  readonly modes: readonly string[] | null
  /** Ends the reading, without an error. */
  readonly signal: AbortSignal
}

/** The live events of runs: append, replay from an id, follow. Also the injection token. */
export abstract class RunStreams {
  /**
   * Makes the run's log; does nothing when there is one with events, unless an earlier attempt's end had closed it: it
   * goes on. Also for a run that waits in the queue.
   */
  abstract open(runId: string, options: OpenOptions): void

  /** Gives the event the next id; ignored once the run has ended. @throws Error when the run was never opened. */
  abstract append(runId: string, event: string, json: string): void

  /** Followers finish after the last event, which stays for the retention time; nothing when there is no log. */
  abstract end(runId: string): void

  /** Whether events of the run, live or retained, can be followed. */
  abstract has(runId: string): boolean

  /** The id of the newest event, `-1` before the first: following from it is the live tail. */
  abstract lastId(runId: string): string

  /**
   * Reads from the position that holds when this is called: replay, then follow until the run ends; a run without a
   * log gives no events. Each reader gets every event in order, none lost or doubled.
   * @throws AppError `invalid_request` at once for an id that is none; `events_gone` at once when events after the id
   * were dropped. While reading: `StreamLagged` for a reader that is too slow, `StreamClosed` at shutdown.
   */
  abstract follow(runId: string, options: FollowOptions): AsyncIterable<StreamFrame>

  /** Shutdown: every reader ends with `StreamClosed`, now and from now on. */
  abstract closeAll(): void
}
