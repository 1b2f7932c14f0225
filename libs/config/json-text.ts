/** The value of a JSON text, or where it stops being JSON (both counted from 1). Never quotes the text. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly column: number }

/** Parses JSON (a byte order mark in front is skipped). */
export function parseJson(text: string): ParsedJson {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    return { ok: true, value: JSON.parse(source) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { ok: false, ...lineAndColumn(source, firstFault(source)) }
  }
}

const TOKEN = /[{}[\],:]|"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|[-+.\w]+/y
const SPACE = /[ \t\r\n]*/y
const ATOM = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or close' | 'end'

/** The offset of the first token that JSON does not allow there. (V8's own message often has no position.) */
function firstFault(source: string): number {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let offset = 0; ;) {
    SPACE.lastIndex = offset
    SPACE.exec(source)
    offset = SPACE.lastIndex
    TOKEN.lastIndex = offset
    const token = TOKEN.exec(source)?.[0]
    const next: Expected | null = token === undefined ? null : after(token, expected, open)
    if (token === undefined || next === null) return offset
    expected = next
    offset += token.length
  }
}

/** What may follow the token; null when it may not stand here. */
function after(token: string, expected: Expected, open: string[]): Expected | null {
  if (expected === 'colon') return token === ':' ? 'value' : null
  if (token === ',') return expected === 'comma or close' ? (open.at(-1) === '{' ? 'key' : 'value') : null
  if (token === '}' || token === ']') {
    if (!closes(token, expected, open)) return null
    open.pop()
    return afterValue(open)
  }
  if (expected === 'key' || expected === 'key or }') return token.startsWith('"') ? 'colon' : null
  if (expected !== 'value' && expected !== 'value or ]') return null
  if (token === '{' || token === '[') {
    open.push(token)
    return token === '{' ? 'key or }' : 'value or ]'
  }
  return token.startsWith('"') || ATOM.test(token) ? afterValue(open) : null
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'end' : 'comma or close'
}

function closes(token: string, expected: Expected, open: readonly string[]): boolean {
  if (expected !== 'comma or close') return expected === (token === '}' ? 'key or }' : 'value or ]')
  return open.at(-1) === (token === '}' ? '{' : '[')
}

function lineAndColumn(source: string, offset: number): { line: number; column: number } {
  const lines = source.slice(0, offset).split('\n')
  return { line: lines.length, column: lines.at(-1)!.length + 1 }
}
