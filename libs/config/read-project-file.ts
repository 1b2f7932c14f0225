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

/** The text of a file; null, with a fault at `place`, when it cannot be read. */
export function readText(file: string, place: Place, remedy: string, findings: Findings): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    findings.fault(place, `cannot be read: ${reason(error)}`, remedy)
    return null
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'it does not exist'
  return code === 'EISDIR' ? 'it is a folder' : String(code)
}
