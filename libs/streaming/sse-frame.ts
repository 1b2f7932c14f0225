import type { StreamFrame } from './run-streams.js'

/** A comment and a single newline: with a blank line both clients would dispatch a bogus event (contract 6.2). */
export const SSE_HEARTBEAT = ': heartbeat\n'

const LINE_BREAK = /[\r\n]/

/** A comment for people who look at the wire: clients pass it over (one newline, as in `SSE_HEARTBEAT`). */
export function sseComment(text: string): string {
  return `: ${text.replaceAll(/[\r\n]+/g, ' ')}\n`
}

/**
 * Writes one event as text (contract 6.2). @throws Error when a part would break out of its line, the id holds U+0000,
 * or there is no JSON: clients fail on an empty `data` line.
 */
export function formatSseFrame({ id, event, json }: StreamFrame): string {
  if (LINE_BREAK.test(id) || id.includes('\u0000')) throw new Error('an event id holds a line break or U+0000')
  if (LINE_BREAK.test(event)) throw new Error('an event name holds a line break')
  if (json === '' || LINE_BREAK.test(json)) throw new Error(`the data of event ${id} is not one line of JSON`)
  return `id: ${id}\nevent: ${event}\ndata: ${json}\n\n`
}
