import type { StreamFrame } from './run-streams.js'

/** What a reader of a thread's stream may ask for (contract 6.8). */
export const THREAD_STREAM_MODES = ['run_modes', 'lifecycle', 'state_update'] as const

/** One mode of a thread's stream. */
export type ThreadStreamMode = (typeof THREAD_STREAM_MODES)[number]

/** Where a reader of a thread's stream starts and what it wants. */
export interface ThreadFollowOptions {
  /** `Last-Event-ID`: `-` or `-1` is the oldest event that is kept, else the events after this id. */
  readonly afterId: string
  readonly modes: ReadonlySet<ThreadStreamMode>
  /** Ends the reading, without an error. It counts as a reader until then. */
  readonly signal: AbortSignal
}

/**
 * The streams of threads: what happens on them, across their runs (contract 6.8). The events of a run are those of
 * `RunStreams`, with ids of the thread's own: `<mark>-<id in the run>`, where the mark rises with every run and fact of
 * the thread, also from one process to the next. Also the injection token.
 */
export abstract class ThreadStreams {
  /** From here on the run's events are the thread's too; nothing for a run that is under way already. */
  abstract runStarted(threadId: string, runId: string): void

  /** Tells that a run of the thread is done. */
  abstract runEnded(threadId: string, runId: string): void

  /**
   * Tells that a client has changed the state. Readers get `{"checkpoint_id"}` of the new checkpoint, null for the
   * latest: who sends it to a client puts the state in its place.
   */
  abstract stateUpdated(threadId: string, checkpointId: string | null): void

  /** The thread is gone: readers finish. */
  abstract end(threadId: string): void

  /**
   * To be awaited before a reader asks for `lastId` or follows: brings what this process knows of the thread up to date,
   * and keeps it so until the signal aborts. Never rejects: what could not be had in time comes later.
   */
  abstract attach(threadId: string, signal: AbortSignal): Promise<void>

  /** The threads that have readers now. */
  abstract followed(): readonly string[]

  /** A position after everything that there is: following from it is the live tail. */
  abstract lastId(threadId: string): string

  /**
   * Reads what is kept after the position, then follows from run to run until the thread is gone. Each reader gets
   * every event that it asked for in order; what was dropped before it came is passed over.
   * @throws AppError `invalid_request` at once for an id that is none, `too_many_readers` at once. While reading:
   * `StreamLagged` for a reader that is too slow, `StreamClosed` at shutdown.
   */
  abstract follow(threadId: string, options: ThreadFollowOptions): AsyncIterable<StreamFrame>
}
