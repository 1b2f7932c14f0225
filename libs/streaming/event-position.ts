import { invalidRequest } from '#kernel'

/** Where reading starts: the live tail, the beginning, or after a sequence number. */
export type EventPosition = 'tail' | 'beginning' | { readonly after: number }

/** Reads a `Last-Event-ID` (contract 6.7). @throws AppError `invalid_request` for anything this server never gave. */
export function parseEventPosition(afterId: string | null): EventPosition {
  if (afterId === null) return 'tail'
  if (afterId === '-' || afterId === '-1') return 'beginning'
  const after = /^\d{1,15}$/.test(afterId) ? Number(afterId) : Number.NaN
  if (Number.isNaN(after)) throw invalidRequest('Last-Event-ID: must be the id of an event, or -1 for all of them')
  return { after }
}
