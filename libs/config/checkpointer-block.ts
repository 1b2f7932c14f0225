import { type Block, blockOf, numberOf, textOf } from './block.js'
import type { Findings, Place } from './findings.js'
import { readMinutes } from './minutes.js'
import type { PlacedBlock } from './project-blocks.js'
import { MAX_THREAD_TTL_MINUTES, THREAD_TTL_STRATEGIES, type ThreadTtl, type ThreadTtlSettings } from './settings.js'

const MAX_SWEEP_MINUTES = 7 * 24 * 60
const DEFAULT_SWEEP_MINUTES = 5
const MAX_SWEEP_LIMIT = 1_000_000
const DEFAULT_SWEEP_LIMIT = 1_000

/** Reads `checkpointer.ttl` (contract 14): how long threads live that are made without a lifetime of their own. */
export function readThreadTtl({ block, place }: PlacedBlock, findings: Findings): ThreadTtlSettings {
  const ttl = blockOf(block, 'ttl')
  const ttlPlace = place.child('ttl')
  const interval = readMinutes(ttl, 'sweep_interval_minutes', MAX_SWEEP_MINUTES, ttlPlace, findings)
  return {
    default: readDefault(ttl, ttlPlace, findings),
    sweepIntervalMinutes: interval ?? DEFAULT_SWEEP_MINUTES,
    sweepLimit: readSweepLimit(ttl, ttlPlace.child('sweep_limit'), findings),
  }
}

function readDefault(ttl: Block, place: Place, findings: Findings): ThreadTtl | null {
  const strategy = readStrategy(ttl, place.child('strategy'), findings)
  const minutes = readMinutes(ttl, 'default_ttl', MAX_THREAD_TTL_MINUTES, place, findings)
  return minutes === undefined ? null : { strategy, minutes }
}

function readStrategy(ttl: Block, place: Place, findings: Findings): ThreadTtl['strategy'] {
  const given = textOf(ttl, 'strategy') ?? 'delete'
  const strategy = THREAD_TTL_STRATEGIES.find((known) => known === given)
  if (strategy === undefined) {
    findings.fault(place, 'is not a strategy', `Write one of ${THREAD_TTL_STRATEGIES.join(', ')}.`)
  }
  return strategy ?? 'delete'
}

function readSweepLimit(ttl: Block, place: Place, findings: Findings): number {
  const limit = numberOf(ttl, 'sweep_limit') ?? DEFAULT_SWEEP_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_SWEEP_LIMIT) {
    findings.fault(place, `must be a whole number from 1 to ${MAX_SWEEP_LIMIT}`, 'Write it without quotes.')
  }
  return limit
}
