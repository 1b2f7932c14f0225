import { AppError, defineError } from '#kernel'

/** The reader asks for events after an id, and some of them are no longer kept: it must not miss them silently. */
export const eventsGone = defineError({
  code: 'events_gone',
  status: 410,
  message: (afterId: string) => `The events after ${afterId} are no longer kept`,
})

/** The thread has as many open streams as this server allows. */
export const tooManyReaders = defineError({
  code: 'too_many_readers',
  status: 429,
  message: (limit: number) => `The thread has ${limit} open streams, which is the most that this server allows`,
})

/** This process holds as many event streams and waits open as it may (`SIGNALBOX_MAX_STREAMS`). */
export const tooManyStreams = defineError({
  code: 'too_many_streams',
  status: 503,
  level: 'warn',
  headers: { 'retry-after': '5' },
  message: (limit: number) => `The server holds ${limit} streams and waits open, which is the most that it may`,
})

/** A reader fell behind what is kept. The connection is to be cut, so that the client knows it has not finished. */
export class StreamLagged extends AppError {
  constructor() {
    super('stream_lagged', 410, 'info', 'The reader is too slow for the events that are kept')
  }
}

/** The server is shutting down. The connection is to be cut, so that the client reconnects. */
export class StreamClosed extends AppError {
  constructor() {
    super('stream_closed', 503, 'debug', 'The server is shutting down')
  }
}
