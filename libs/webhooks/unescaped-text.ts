/** A text, and where each of its letters stands in the answer; one place more, for the end. */
export interface PlacedText {
  /** Bytes as Latin-1. */
  readonly text: string
  readonly places: readonly number[]
}

/** A form in JSON, JSON in JSON: deeper is nobody's echo. */
const LAYERS = 2

const ESCAPES = [
  // JSON and program texts.
  String.raw`\\u(?<unit>[\da-f]{4})`,
  String.raw`\\x(?<byte>[\da-f]{2})`,
  String.raw`\\(?<self>["'/\\])`,
  String.raw`\\(?<control>[bfnrt])`,
  // HTML.
  '&#(?<decimal>\\d{1,7});',
  '&#x(?<hex>[\\da-f]{1,6});',
  '&(?<name>amp|lt|gt|quot|apos);',
  // URLs and forms.
  '%(?<octet>[\\da-f]{2})',
  // The beginning of one of these, where the answer was cut.
  String.raw`(?:\\(?:u[\da-f]{0,3}|x[\da-f]?)?|%[\da-f]?|&#?\w{0,7})$`,
]
const ESCAPE = new RegExp(ESCAPES.join('|'), 'gi')

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const NAMES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A plus is a blank, whatever it was. */
export function asInForms(text: string): string {
  return text.replaceAll('+', ' ')
}

/** The text as it is, then as in forms and with its escapes resolved, once and twice, as far as there are any. */
export function unescapedTexts(text: string): PlacedText[] {
  const texts: PlacedText[] = [{ text, places: Array.from({ length: text.length + 1 }, (_, at) => at) }]
  for (let layer = 1; layer <= LAYERS; layer += 1) {
    const last = texts.at(-1)
    const next = last && unescaped(last)
    if (next && next.text !== last.text) texts.push(next)
  }
  return texts
}

function unescaped({ text, places }: PlacedText): PlacedText {
  const parts: string[] = []
  const kept: number[] = []
  let done = 0
  const keep = (end: number) => {
    parts.push(text.slice(done, end))
    for (let at = done; at < end; at += 1) kept.push(places[at] ?? 0)
  }
  for (const match of text.matchAll(ESCAPE)) {
    const letters = lettersOf(match.groups ?? {})
    keep(match.index)
    parts.push(letters)
    for (let count = 0; count < letters.length; count += 1) kept.push(places[match.index] ?? 0)
    done = match.index + match[0].length
  }
  keep(text.length)
  return { text: asInForms(parts.join('')), places: [...kept, places.at(-1) ?? 0] }
}

/** What an escape stands for; nothing for one that was cut. */
function lettersOf(groups: Readonly<Record<string, string | undefined>>): string {
  const { unit, byte, self, control, decimal, hex, name, octet } = groups
  const code = decimal ?? unit ?? hex
  if (code !== undefined) return bytesOf(parseInt(code, decimal === undefined ? 16 : 10))
  const one = byte ?? octet
  if (one !== undefined) return String.fromCharCode(parseInt(one, 16))
  return self ?? CONTROLS[control?.toLowerCase() ?? ''] ?? NAMES[name?.toLowerCase() ?? ''] ?? ''
}

/** The letter in UTF-8. */
function bytesOf(code: number): string {
  return code > 0x10ffff ? '' : Buffer.from(String.fromCodePoint(code)).toString('latin1')
}
