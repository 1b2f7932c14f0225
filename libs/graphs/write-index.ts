/** Writes that replace an earlier one of their task keep these places, as the saver numbers them. */
const FIXED_INDEX: Readonly<Record<string, number>> = {
  __error__: -1,
  __scheduled__: -2,
  __interrupt__: -3,
  __resume__: -4,
}

/** The place of a task's write among the others: fixed for special channels, else its position in the list. */
export function writeIndex(channel: string, position: number): number {
  return FIXED_INDEX[channel] ?? position
}
