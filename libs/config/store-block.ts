import { type Block, blockOf, numberOf, textOf, textsOf } from './block.js'
import type { Findings, Place } from './findings.js'
import { readMinutes } from './minutes.js'
import { MODULE_SPELLING, readModuleSpec } from './module-spec.js'
import type { PlacedBlock } from './project-blocks.js'
import type { ModuleExport, StoreIndexSettings, StoreSettings } from './settings.js'

/** What pgvector takes. */
const MAX_DIMS = 16_000
/** A hundred years. */
const MAX_TTL_MINUTES = 100 * 365 * 24 * 60
const MAX_SWEEP_MINUTES = 7 * 24 * 60
const DEFAULT_SWEEP_MINUTES = 5
const WHOLE_VALUE = '$'

/** Reads the `store` block (contract 14). The module of `index.embed` must exist; it is not loaded here. */
export function readStore({ block, place }: PlacedBlock, projectDir: string, findings: Findings): StoreSettings {
  const ttl = blockOf(block, 'ttl')
  const minutes = (key: string, max: number): number | undefined =>
    readMinutes(ttl, key, max, place.child('ttl'), findings)
  return {
    index: readIndex(block, projectDir, place.child('index'), findings),
    defaultTtlMinutes: minutes('default_ttl', MAX_TTL_MINUTES) ?? null,
    refreshOnRead: ttl['refresh_on_read'] !== false,
    sweepIntervalMinutes: minutes('sweep_interval_minutes', MAX_SWEEP_MINUTES) ?? DEFAULT_SWEEP_MINUTES,
  }
}

function readIndex(store: Block, projectDir: string, place: Place, findings: Findings): StoreIndexSettings | null {
  const index = blockOf(store, 'index')
  if (Object.keys(index).length === 0) return null
  const dims = readDims(index, place.child('dims'), findings)
  const embed = readEmbed(index, projectDir, place.child('embed'), findings)
  const fields = textsOf(index, 'fields') ?? [WHOLE_VALUE]
  if (fields.length === 0 || fields.includes('')) {
    findings.fault(place.child('fields'), 'must name at least one path, and none may be empty', 'Write ["$"].')
  }
  return embed && { dims, embed, fields }
}

function readDims(index: Block, place: Place, findings: Findings): number {
  const dims = numberOf(index, 'dims') ?? 0
  if (!Number.isInteger(dims) || dims < 1 || dims > MAX_DIMS) {
    findings.fault(place, `must be a whole number from 1 to ${MAX_DIMS}`, 'It is the length of the vectors of "embed".')
  }
  return dims
}

function readEmbed(index: Block, projectDir: string, place: Place, findings: Findings): ModuleExport | null {
  const spec = textOf(index, 'embed')
  if (spec !== undefined) return readModuleSpec(spec, projectDir, place, findings)
  findings.fault(place, 'must be a string that names a function', MODULE_SPELLING)
  return null
}
