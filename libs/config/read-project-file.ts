import { readFileSync } from 'node:fs'
import { isJsonObject } from '#kernel'
import type { Block } from './block.js'
import { type Findings, Place } from './findings.js'
import { parseJson } from './json-text.js'

/** The top-level object of `langgraph.json`; null, with a fault, when there is none. */
export function readProjectFile(file: string, findings: Findings): Block | null {
  const place = new Place(file, '')
  const text = readText(file, place, 'Create it, or name another with --config.', findings)
  if (text === null) return null
  const parsed = parseJson(text)
  if (!parsed.ok) {
    const problem = `is not valid JSON (line ${parsed.line}, column ${parsed.column})`
    findings.fault(place, problem, 'Mend it there; comments and trailing commas are not allowed.')
    return null
  }
  if (isJsonObject(parsed.value)) return parsed.value
  findings.fault(place, 'must hold a JSON object', 'Write { "graphs": { … } }.')
  return null
}

/** The text of a file; null, with a fault at `place`, when it cannot be read; `missing` says what to do when it is not there. */
export function readText(file: string, place: Place, missing: string, findings: Findings): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const { reason, remedy } = WORDS[String(code)] ?? { reason: String(code) }
    findings.fault(place, `cannot be read: ${reason}`, remedy ?? missing)
    return null
  }
}

/** What is said of a file that cannot be read, by the system's code for why. */
const WORDS: Readonly<Record<string, { readonly reason: string; readonly remedy?: string }>> = {
  ENOENT: { reason: 'it does not exist' },
  EISDIR: { reason: 'it is a folder', remedy: 'Name the file in it.' },
  EACCES: { reason: 'this user may not read it', remedy: 'Let this user read it.' },
}
