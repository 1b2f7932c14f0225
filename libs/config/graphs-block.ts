import { dirname } from 'node:path'
import { isJsonObject } from '#kernel'
import { type Block, textOf } from './block.js'
import { checkShape } from './check-shape.js'
import { type Findings, Place } from './findings.js'
import { MODULE_SPELLING, readModuleSpec } from './module-spec.js'
import type { GraphSource } from './settings.js'
import { GRAPH_SHAPE } from './shapes.js'

/** Reads `graphs` (contract 14). The modules must exist; they are not loaded here. */
export function readGraphs(file: Block, configFile: string, findings: Findings): GraphSource[] {
  const place = new Place(configFile, 'graphs')
  const { graphs } = file
  if (!isJsonObject(graphs) || Object.keys(graphs).length === 0) {
    findings.fault(place, 'must be an object with at least one graph', 'Write { "agent": "./agent.ts:graph" }.')
    return []
  }
  const sources = Object.entries(graphs).map(([graphId, entry]) =>
    readGraph(graphId, entry, place.child(graphId), findings),
  )
  return sources.filter((source) => source !== null)
}

function readGraph(graphId: string, entry: unknown, place: Place, findings: Findings): GraphSource | null {
  if (!isGraphId(graphId)) {
    findings.fault(place, 'is not a graph id', 'A graph id is not empty and holds no "/" and no control character.')
  }
  if (typeof entry === 'string') return readSpec({ graphId, spec: entry, description: null }, place, findings)
  if (!isJsonObject(entry)) {
    findings.fault(place, 'must be a string or an object with "path"', MODULE_SPELLING)
    return null
  }
  checkShape(entry, GRAPH_SHAPE, place, findings)
  const spec = textOf(entry, 'path')
  if (spec !== undefined)
    return readSpec({ graphId, spec, description: textOf(entry, 'description') ?? null }, place.child('path'), findings)
  if (entry['path'] === undefined || entry['path'] === null)
    findings.fault(place.child('path'), 'is missing', MODULE_SPELLING)
  return null
}

function isGraphId(text: string): boolean {
  return text.trim() !== '' && !/[/\p{Cc}]/u.test(text)
}

interface GraphSpec {
  readonly graphId: string
  readonly spec: string
  readonly description: string | null
}

function readSpec({ graphId, spec, description }: GraphSpec, place: Place, findings: Findings): GraphSource | null {
  const source = readModuleSpec(spec, dirname(place.where), place, findings)
  return source && { graphId, ...source, description }
}
