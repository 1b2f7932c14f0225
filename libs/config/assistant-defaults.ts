import { isJsonObject } from '#kernel'
import { blockOf } from './block.js'
import type { Environment } from './environment.js'
import type { Findings, Place } from './findings.js'
import { jsonOf } from './project-blocks.js'
import type { AssistantDefaults, GraphSource } from './settings.js'

const VARIABLE = 'LANGGRAPH_CONFIG'

/** Reads `LANGGRAPH_CONFIG`: per graph `context`, and everything else as `config` (contract 3.1). */
export function readAssistantDefaults(
  graphs: readonly GraphSource[],
  environment: Environment,
  findings: Findings,
): Record<string, AssistantDefaults> {
  const text = environment.value(VARIABLE)
  if (text === undefined) return {}
  const place = environment.place(VARIABLE)
  const known = new Set(graphs.map(({ graphId }) => graphId))
  const entries = Object.entries(jsonOf(text, place, findings)).map(([graphId, defaults]) => {
    if (!known.has(graphId)) findings.warn(`${place.where}: ${place.child(graphId).key} names no graph and is ignored.`)
    return [graphId, readDefaults(defaults, place.child(graphId), findings)] as const
  })
  return Object.fromEntries(entries.filter(([graphId]) => known.has(graphId)))
}

function readDefaults(defaults: unknown, place: Place, findings: Findings): AssistantDefaults {
  if (!isJsonObject(defaults)) {
    findings.fault(place, 'must be an object', 'Write { "context": { … }, "configurable": { … } }.')
    return { config: {}, context: {} }
  }
  const { context = {}, ...config } = defaults
  if (!isJsonObject(context)) findings.fault(place.child('context'), 'must be an object', 'Write { … }.')
  return { config, context: blockOf({ context }, 'context') }
}
