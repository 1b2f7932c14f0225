/** How much of an answer is kept, in bytes (webhooks contract section 5). */
export const KEPT_BYTES = 4096

const MASK = '***'

/** A shorter beginning of a secret gives nothing away, and many answers end in one. */
const SHORTEST_PIECE = 4

/**
 * The beginning of an answer as text to be stored and shown. A receiver may answer with what it got: what the
 * configuration filled in from the environment is masked (webhooks contract section 4), also where the bound has cut it.
 */
export class AnswerText {
  /** Longest first, as one may hold another. Bytes as Latin-1, which is how header values travel. */
  readonly #secrets: readonly string[]

  constructor(filled: readonly string[]) {
    const spellings = filled.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    const bytes = spellings.flatMap((text) => [text, Buffer.from(text, 'utf8').toString('latin1')])
    this.#secrets = [...new Set(bytes)].filter((text) => text !== '').sort((one, other) => other.length - one.length)
  }

  /** Decoded as UTF-8 with replacement, without U+0000. */
  of(answer: Buffer): string {
    const kept = answer.subarray(0, KEPT_BYTES)
    const shown = this.#secrets.length === 0 ? kept : Buffer.from(this.#mask(kept.toString('latin1')), 'latin1')
    return shown.toString('utf8').replaceAll('\u0000', '')
  }

  #mask(text: string): string {
    const masked = this.#secrets.reduce((left, secret) => left.replaceAll(secret, MASK), text)
    const piece = Math.max(...this.#secrets.map((secret) => pieceAtEnd(masked, secret)))
    return piece === 0 ? masked : masked.slice(0, -piece) + MASK
  }
}

/** How many letters of the secret's beginning the text ends with; 0 for too few to matter. */
function pieceAtEnd(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length >= SHORTEST_PIECE; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length
  }
  return 0
}
