import type { SwitchableResource } from '#config'

const META = new Set(['info', 'metrics', 'openapi.json', 'docs'])
const RESOURCES = new Map<string, SwitchableResource>([
  ['assistants', 'assistants'],
  ['threads', 'threads'],
  ['thread', 'threads'],
  ['runs', 'runs'],
  ['store', 'store'],
  ['mcp', 'mcp'],
  ['a2a', 'a2a'],
  ['ui', 'ui'],
])

/**
 * Which resource a path belongs to, by its segments below the mount prefix; null for what no switch takes away, such as
 * `/ok`. Runs of a thread are runs.
 */
export function resourceOf(segments: readonly string[]): SwitchableResource | null {
  const [first = '', , third] = segments
  if (META.has(first)) return 'meta'
  const resource = RESOURCES.get(first) ?? null
  return resource === 'threads' && third === 'runs' ? 'runs' : resource
}
