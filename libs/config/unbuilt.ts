import { type Block, blockOf } from './block.js'
import type { Environment } from './environment.js'
import { type Findings, Place } from './findings.js'
import type { ReplaceableBlocks } from './project-blocks.js'

const UNSUPPORTED = 'is not supported yet by this version'
const REMOVE = 'Remove it: starting without it would leave open what it closes.'

/** Blocks that guard something: to ignore them would open a door. */
const GUARDING_BLOCKS = ['encryption']
const GUARDING_VARIABLES = ['LANGGRAPH_ENCRYPTION']
const UNUSED_BLOCKS = ['ui', 'ui_config']
const UNUSED_CHECKPOINTER_KEYS = ['path', 'serde']
const UNUSED_VARIABLES = ['LANGGRAPH_UI', 'LANGGRAPH_UI_CONFIG']

/** Tells what is configured and not built: a fault where ignoring it would open a door, else a warning. */
export function judgeUnbuilt(
  configFile: string,
  file: Block,
  { checkpointer }: ReplaceableBlocks,
  environment: Environment,
  findings: Findings,
): void {
  const root = new Place(configFile, '')
  for (const key of GUARDING_BLOCKS) {
    if (isPresent(file, key)) findings.fault(root.child(key), UNSUPPORTED, REMOVE)
  }
  for (const key of UNUSED_BLOCKS) {
    if (isUsed(file, key)) warnUnused(root.child(key), findings)
  }
  for (const key of UNUSED_CHECKPOINTER_KEYS) {
    if (isPresent(checkpointer.block, key)) warnUnused(checkpointer.place.child(key), findings)
  }
  judgeVariables(environment, findings)
}

function judgeVariables(environment: Environment, findings: Findings): void {
  for (const name of GUARDING_VARIABLES) {
    if (environment.value(name) !== undefined) findings.fault(environment.place(name), UNSUPPORTED, REMOVE)
  }
  for (const name of UNUSED_VARIABLES) {
    if (environment.value(name) !== undefined) warnUnused(environment.place(name), findings)
  }
}

function isPresent(block: Block, key: string): boolean {
  return block[key] !== undefined && block[key] !== null
}

/** An empty block asks for nothing. */
function isUsed(file: Block, key: string): boolean {
  return Object.keys(blockOf(file, key)).length > 0
}

function warnUnused(place: Place, findings: Findings): void {
  findings.warn(`${place.where}: ${place.key} is not used yet by this version.`)
}
