/** Colours on a terminal that wants them, and nowhere else. */
const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

/**
 * @param {number} on
 * @param {number} off
 * @returns {(text: string) => string}
 */
function style(on, off) {
  return (text) => (isColoured ? `\u001B[${on}m${text}\u001B[${off}m` : text)
}

export const bold = style(1, 22)
export const dim = style(2, 22)
export const red = style(31, 39)
export const green = style(32, 39)
export const cyan = style(36, 39)

/** Prints a line. */
export function say(line = '') {
  process.stdout.write(`${line}\n`)
}

/**
 * Prints a line that begins a part.
 * @param {string} text
 */
export function title(text) {
  say()
  say(bold(text))
}

/**
 * Prints what went wrong.
 * @param {string} text
 */
export function sayFault(text) {
  say()
  say(red(text))
}

/**
 * What went wrong, in one or two sentences. The cause is told where the error itself says nothing.
 * @param {unknown} error
 */
export function faultText(error) {
  if (!(error instanceof Error)) return String(error)
  const isVague = error.message === 'fetch failed' && error.cause instanceof Error
  return isVague ? `${error.message}: ${error.cause.message}` : error.message
}
