import { asInForms, unescapedTexts } from './unescaped-text.js'

/** What a secret looks like in an answer. Bytes as Latin-1, which is how header values travel. */
export interface Spelling {
  readonly text: string
  /** How many letters before and after it hold a part of the secret too, beside a part of something else. */
  readonly around: readonly [number, number]
}

/** The spellings to look for in an answer as it is, and those to look for where its escapes are resolved, too. */
export interface Spellings {
  readonly plain: readonly Spelling[]
  readonly anywhere: readonly Spelling[]
}

/** What is shorter is met by chance in other spellings. */
export const SHORTEST = 4

/** Every spelling of what was filled in, also of what is left of it without the blanks around it, which headers lose. */
export function spellingsOf(filled: readonly string[]): Spellings {
  const texts = [...new Set(filled.flatMap((text) => [text, text.trim()]))].filter((text) => text !== '')
  const long = texts.filter((text) => text.length >= SHORTEST)
  const short = texts.filter((text) => text.length < SHORTEST)
  return {
    plain: distinct(short.flatMap((text) => [text, jsonOf(text)].flatMap(inBytes)).map(whole)),
    anywhere: distinct(
      long.flatMap((text) => inBytes(text).flatMap((bytes) => [...inLetters(bytes), ...inBase64(bytes)])),
    ),
  }
}

/** As it is sent; in UTF-8; and as one gives it back who takes what is sent for UTF-8. */
function inBytes(text: string): string[] {
  const misread = Buffer.from(text, 'latin1').toString('utf8')
  return [text, ...[text, misread].map((letters) => Buffer.from(letters, 'utf8').toString('latin1'))]
}

/** As it is, and as its own escapes come out where those of an answer are resolved; of some nearly nothing is left. */
function inLetters(bytes: string): Spelling[] {
  const texts = [bytes, asInForms(bytes), ...unescapedTexts(bytes).map(({ text }) => text)]
  return texts.filter((text) => text.length >= SHORTEST).map(whole)
}

/** What base64 makes of it, alone and within anything: three bytes are four letters, so there are three ways to begin. */
function inBase64(bytes: string): Spelling[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from('\0'.repeat(shift) + bytes, 'latin1')
    const bits = encoded.length * 8
    // Letters of which all bits are the secret's.
    const [from, to] = [Math.ceil((shift * 8) / 6), Math.floor(bits / 6)]
    const around = [shift === 0 ? 0 : 1, bits % 6 === 0 ? 0 : 1] as const
    const letters = (['base64', 'base64url'] as const).map((name) => encoded.toString(name).slice(from, to))
    return letters.flatMap((text) => [text, asInForms(text)]).map((text) => ({ text, around }))
  })
}

function whole(text: string): Spelling {
  return { text, around: [0, 0] }
}

function jsonOf(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function distinct(spellings: readonly Spelling[]): Spelling[] {
  return [...new Map(spellings.map((spelling) => [`${spelling.text} ${spelling.around.join()}`, spelling])).values()]
}
