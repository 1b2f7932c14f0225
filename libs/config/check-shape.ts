import { isJsonObject } from '#kernel'
import type { Findings, Place } from './findings.js'
import { MISSPELLING, nearestKey } from './nearest-key.js'
import { type BlockShape, FILE_SHAPE, type Shape } from './shapes.js'

/** Records a fault for each value of a wrong type, and a fault or a warning for each unknown key. */
export function checkShape(value: unknown, shape: Shape, place: Place, findings: Findings, strict = false): void {
  if (shape === 'any') return
  if (value === null && !strict && shape !== 'flag') return
  if (typeof shape === 'object') return checkBlock(value, shape, place, findings, strict || shape.strict === true)
  const { fits, problem, remedy } = SCALARS[shape]
  if (!fits(value)) findings.fault(place, problem, remedy)
}

const SCALARS = {
  text: {
    fits: (value: unknown) => typeof value === 'string',
    problem: 'must be a string',
    remedy: 'Write it in double quotes.',
  },
  flag: {
    fits: (value: unknown) => typeof value === 'boolean',
    problem: 'must be a boolean',
    remedy: 'Write true or false, without quotes.',
  },
  number: {
    fits: (value: unknown) => typeof value === 'number' && Number.isFinite(value),
    problem: 'must be a number',
    remedy: 'Write it without quotes.',
  },
  texts: {
    fits: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    problem: 'must be a list of strings',
    remedy: 'Write ["…", "…"].',
  },
}

function checkBlock(value: unknown, shape: BlockShape, place: Place, findings: Findings, strict: boolean): void {
  if (!isJsonObject(value)) return findings.fault(place, 'must be an object', 'Write { … }.')
  for (const [key, child] of Object.entries(value)) {
    const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined
    if (known !== undefined) checkShape(child, known, place.child(key), findings, strict)
    else if (shape.ignored?.test(key) !== true) unknownKey(key, shape, place, findings, strict)
  }
}

/** Webhooks contract 4: under `webhooks` always a fault; elsewhere a warning unless it looks like a misspelling. */
function unknownKey(key: string, shape: BlockShape, block: Place, findings: Findings, strict: boolean): void {
  const place = block.child(key)
  const nearest = nearestKey(key, Object.keys(shape.keys))
  const home = homeOf(key)
  if (nearest !== null && (strict || nearest.distance <= MISSPELLING)) {
    const belongs = home === null ? '' : ` ("${key}" belongs under "${home}".)`
    return findings.fault(place, 'is not a known key', `The nearest known key is "${nearest.key}".${belongs}`)
  }
  const hint = home === null ? '' : `: it belongs under "${home}"`
  findings.warn(`${place.where}: ${place.key} is not a known key and is ignored${hint}.`)
}

/** The block of the file whose key this is, for one that was put in the wrong block. */
function homeOf(key: string): string | null {
  for (const [name, shape] of Object.entries(FILE_SHAPE.keys)) {
    if (typeof shape === 'object' && Object.hasOwn(shape.keys, key)) return name
  }
  return null
}
