import { dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { isJsonObject } from '#kernel'
import { type Findings, Place } from './findings.js'
import { readText } from './read-project-file.js'

/** The variables that the project itself brings, and where they stand. */
export interface EnvBlock {
  readonly values: Readonly<Record<string, string>>
  readonly place: Place
}

/** Reads `env`: an object, or the path of a dotenv file relative to `langgraph.json`. */
export function readEnvBlock(env: unknown, configFile: string, findings: Findings): EnvBlock {
  const place = new Place(configFile, 'env')
  if (env === undefined || env === null) return { values: {}, place }
  if (typeof env === 'string') return readDotenv(resolve(dirname(configFile), env), place, findings)
  if (isJsonObject(env)) return { values: variables(env, place, findings), place }
  findings.fault(
    place,
    'must be an object of strings or the path of a dotenv file',
    'Write { "NAME": "value" } or ".env".',
  )
  return { values: {}, place }
}

function readDotenv(file: string, place: Place, findings: Findings): EnvBlock {
  const text = readText(file, place, 'Create the file it names, or correct the path.', findings)
  const parsed = parseEnv((text ?? '').replace(/^\uFEFF/, ''))
  const values = Object.entries(parsed).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { values: Object.fromEntries(values), place: new Place(file, '') }
}

function variables(env: Record<string, unknown>, place: Place, findings: Findings): Record<string, string> {
  const found: [string, string][] = []
  for (const [name, value] of Object.entries(env)) {
    const text = variableText(name, value)
    if (!/^[^=\0]+$/.test(name)) findings.fault(place.child(name), 'is not a variable name', 'Leave out "=".')
    else if (text === null) findings.fault(place.child(name), 'must be a string', 'Write the value in double quotes.')
    else found.push([name, text])
  }
  return Object.fromEntries(found)
}

/** Numbers and booleans as text. The JSON variables of the reference (`LANGGRAPH_CONFIG`, …) may stand there as objects. */
function variableText(name: string, value: unknown): string | null {
  if (typeof value === 'string') return value.includes('\0') ? null : value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return isJsonObject(value) && name.startsWith('LANGGRAPH_') ? JSON.stringify(value) : null
}
