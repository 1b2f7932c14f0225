/** Controls of a terminal (C0 without newline and tab, DEL, C1) and of the direction of writing. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** The text with all that could steer a terminal written as `\u001b`: what others send must not do that. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safeText(text).replace(/[\n\t]/g, (character) => (character === '\n' ? '\\n' : '\\t'))
}
