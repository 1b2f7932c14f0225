/** One event of a run as its readers get it. */
export interface StreamFrame {
  /** Decimal, rising within the run (contract 6.7); the ids of a later attempt are above those of an earlier one. */
  readonly id: string
  readonly event: string
  /** One compact JSON document without line breaks. */
  readonly json: string
}

/** How a run's events are kept. */
export interface OpenOptions {
  /** `stream_resumable`: when memory is short, the events of finished runs without it are dropped first. */
  readonly replayable: boolean
  /** The run's attempt, 1 when absent. */
  readonly attempt?: number
}

/** What a reader knows of the run that it wants to follow. */
export interface AttachOptions {
  readonly replayable: boolean
  /** The attempt that is under way or comes next; null when the run has ended. */
  readonly attempt: number | null
  /** Whether this process is about to begin that attempt: earlier ones say nothing more here. False when absent. */
  readonly takesOver?: boolean
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
   * Begins an attempt, whose events this process appends from now on. Does nothing for an attempt that has begun; a
   * later one opens anew what the end of an earlier one had closed.
   */
  abstract open(runId: string, options: OpenOptions): void

  /**
   * Gives the event the next id; ignored once the run has ended, and from an attempt that is not the newest any more.
   * @throws Error when the run was never opened.
   */
  abstract append(runId: string, event: string, json: string, attempt?: number): void

  /** Resolves when all that was appended here can be read in every process, or when that takes too long. */
  abstract flushed(runId: string): Promise<void>

  /**
   * The attempt has nothing more to say: the run is somebody else's, gone, or over with `errorJson` as its last event.
   * A later attempt in this process goes on.
   */
  abstract leave(runId: string, attempt: number, errorJson?: string | null): void

  /**
   * The run goes on in another process, or later: its readers stay, as far as they can. A later attempt in this process
   * goes on.
   */
  abstract handOver(runId: string, attempt: number): void

  /**
   * The run's end is stored: `errorJson`, where it has failed, is its last event, `error`. Followers finish after it,
   * and what there is stays for the retention time.
   */
  abstract end(runId: string, errorJson?: string | null): void

  /** The run is over although nobody has said so here: ends its followers, once nothing more can be on its way. */
  abstract abandon(runId: string, errorJson?: string | null): void

  /**
   * To be awaited before a reader asks for `lastId` or follows: brings what this process knows of the run's events up to
   * date, and keeps it so until the signal aborts. Also for a run that waits in the queue. Never rejects: what could
   * not be had in time comes later.
   */
  abstract attach(runId: string, options: AttachOptions, signal: AbortSignal): Promise<void>

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
