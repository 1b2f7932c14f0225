import { isJsonObject } from '#kernel'
import { type Block, blockOf } from './block.js'
import { checkShape } from './check-shape.js'
import type { Environment } from './environment.js'
import { type Findings, Place } from './findings.js'
import { parseJson } from './json-text.js'
import {
  AUTH_SHAPE,
  CHECKPOINTER_SHAPE,
  FILE_SHAPE,
  HTTP_SHAPE,
  type Shape,
  STORE_SHAPE,
  WEBHOOKS_SHAPE,
} from './shapes.js'

/** A block and the place that faults in it name. */
export interface PlacedBlock {
  readonly block: Block
  readonly place: Place
}

/** A block that a variable may replace as a whole. */
export interface ReplaceableBlock extends PlacedBlock {
  /** The variable that replaces it; null where the file's own is in force. */
  readonly variable: string | null
}

/** The blocks that a variable of the official CLI's images may replace (webhooks contract 4). */
export interface ReplaceableBlocks {
  readonly http: ReplaceableBlock
  readonly webhooks: ReplaceableBlock
  readonly store: ReplaceableBlock
  readonly checkpointer: ReplaceableBlock
  readonly auth: ReplaceableBlock
}

/** Checks the types and keys of the whole file and of the variables that replace blocks of it. */
export function readBlocks(
  configFile: string,
  file: Block,
  environment: Environment,
  findings: Findings,
): ReplaceableBlocks {
  const { http, webhooks, store, checkpointer, auth, ...rest } = file
  checkShape(rest, FILE_SHAPE, new Place(configFile, ''), findings)
  const read = (key: string, value: unknown, variable: string, shape: Shape): ReplaceableBlock => {
    const replacement = environment.value(variable)
    const place = replacement === undefined ? new Place(configFile, key) : environment.place(variable)
    const block = replacement === undefined ? (value ?? {}) : jsonOf(replacement, place, findings)
    checkShape(block, shape, place, findings)
    return { block: blockOf({ block }, 'block'), place, variable: replacement === undefined ? null : variable }
  }
  return {
    http: read('http', http, 'LANGGRAPH_HTTP', HTTP_SHAPE),
    webhooks: read('webhooks', webhooks, 'LANGGRAPH_WEBHOOKS', WEBHOOKS_SHAPE),
    store: read('store', store, 'LANGGRAPH_STORE', STORE_SHAPE),
    checkpointer: read('checkpointer', checkpointer, 'LANGGRAPH_CHECKPOINTER', CHECKPOINTER_SHAPE),
    auth: read('auth', auth, 'LANGGRAPH_AUTH', AUTH_SHAPE),
  }
}

/** The JSON object in a variable; empty, with a fault, when it holds none. */
export function jsonOf(text: string, place: Place, findings: Findings): Block {
  const parsed = parseJson(text)
  if (parsed.ok && isJsonObject(parsed.value)) return parsed.value
  const at = parsed.ok ? '' : ` (line ${parsed.line}, column ${parsed.column})`
  findings.fault(place, `must hold a JSON object${at}`, 'Write { … }.')
  return {}
}
