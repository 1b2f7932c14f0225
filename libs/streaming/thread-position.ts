import { invalidRequest } from '#kernel'

/** A place in a thread's stream: a mark, and the event of its run. */
export interface ThreadPosition {
  readonly mark: number
  /** As the run counts its events; 0 where the mark is no run. */
  readonly seq: number
}

/** Before everything. */
const BEGINNING: ThreadPosition = { mark: -1, seq: 0 }

/** After the last event of whatever a mark stands for. */
export const AFTER_ALL = 999_999_999_999_999

const ID = /^(\d{1,15})-(\d{1,15})$/

/** The id of an event in its thread's stream. */
export function formatThreadId(mark: number, seq: number | string): string {
  return `${mark}-${seq}`
}

/** Reads a `Last-Event-ID` of a thread's stream. @throws AppError `invalid_request` for what this server never gave. */
export function parseThreadId(id: string): ThreadPosition {
  if (id === '-' || id === '-1') return BEGINNING
  const [, mark, seq] = ID.exec(id) ?? []
  if (mark === undefined || seq === undefined)
    throw invalidRequest('Last-Event-ID: must be the id of an event of the thread, or - for all that are kept')
  return { mark: Number(mark), seq: Number(seq) }
}
