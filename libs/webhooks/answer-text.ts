import { MASK } from './mask.js'
import { SHORTEST, type Spelling, type Spellings, spellingsOf } from './secret-spellings.js'
import { type PlacedText, unescapedTexts } from './unescaped-text.js'

/** How much of an answer is kept, in bytes (webhooks contract section 5). */
export const KEPT_BYTES = 4096

/** From where to where, the end not included. */
type Range = readonly [number, number]

/**
 * The beginning of an answer as text to be stored and shown. A receiver may answer with what it got: what the
 * configuration filled in from the environment is masked (webhooks contract section 4), also where the bound has cut it.
 *
 * Found as it is and without the blanks around it; with any of its letters escaped as in JSON, HTML, URLs and forms, up
 * to two of these in each other; in base64, alone or within more. Not found, as no list would be complete: what a
 * receiver has computed from it (a hash, hexadecimal, the user and password in a `Basic` credential), a piece out of its
 * midst, base64 broken into lines. Of a text shorter than four letters only the plain form is, which is met by chance as
 * it is.
 */
export class AnswerText {
  readonly #spellings: Spellings

  constructor(filled: readonly string[]) {
    this.#spellings = spellingsOf(filled)
  }

  /** Decoded as UTF-8 with replacement, without U+0000. */
  of(answer: Buffer): string {
    // U+0000 goes first: what it stood between would come together behind the mask.
    const kept = answer.subarray(0, KEPT_BYTES).toString('latin1').replaceAll('\0', '')
    return Buffer.from(this.#mask(kept), 'latin1').toString('utf8')
  }

  #mask(answer: string): string {
    const { plain, anywhere } = this.#spellings
    if (plain.length + anywhere.length === 0) return answer
    const found = unescapedTexts(answer).flatMap((placed, layer) => {
      const spellings = layer === 0 ? [...plain, ...anywhere] : anywhere
      return spellings.flatMap((spelling) => rangesOf(placed, spelling))
    })
    return masked(answer, found)
  }
}

/** Where the spelling stands in the answer: each time, and its beginning once more at the end. */
function rangesOf({ text, places }: PlacedText, spelling: Spelling): Range[] {
  const [before, after] = spelling.around
  const range = (from: number, to: number): Range => [
    places[Math.max(from - before, 0)] ?? 0,
    places[Math.min(to + after, text.length)] ?? 0,
  ]
  const ranges: Range[] = []
  for (let at = text.indexOf(spelling.text); at >= 0; at = text.indexOf(spelling.text, at + 1)) {
    ranges.push(range(at, at + spelling.text.length))
  }
  const piece = pieceAtEnd(text, spelling.text)
  return piece === null ? ranges : [...ranges, range(piece, text.length)]
}

/** Where the longest beginning of the secret stands that the text ends with; null for too few letters to matter. */
function pieceAtEnd(text: string, secret: string): number | null {
  const beginning = secret.slice(0, SHORTEST)
  if (secret.length <= SHORTEST) return null
  const first = Math.max(text.length - secret.length + 1, 0)
  for (let at = text.indexOf(beginning, first); at >= 0; at = text.indexOf(beginning, at + 1)) {
    if (secret.startsWith(text.slice(at))) return at
  }
  return null
}

/** The answer with one mask for all that overlaps: of two secrets in each other nothing stays of either. */
function masked(answer: string, ranges: readonly Range[]): string {
  const parts: string[] = []
  let end = 0
  for (const [from, to] of ranges.toSorted(([one], [other]) => one - other)) {
    if (from >= end) parts.push(answer.slice(end, from), MASK)
    end = Math.max(end, to)
  }
  return parts.join('') + answer.slice(end)
}
