import { flagOf, textOf } from './block.js'
import type { Findings } from './findings.js'
import { readModuleSpec } from './module-spec.js'
import type { PlacedBlock } from './project-blocks.js'
import { type CustomRoutesSettings, SWITCHABLE_RESOURCES, type SwitchableResource } from './settings.js'

/** Reads `http.app` and what belongs to it; null when there are no custom routes. */
export function readCustomRoutes(
  { block, place }: PlacedBlock,
  projectDir: string,
  findings: Findings,
): CustomRoutesSettings | null {
  judgeOrder({ block, place }, findings)
  if (flagOf(block, 'enable_custom_route_auth')) {
    const key = place.child('enable_custom_route_auth')
    findings.warn(`${key.where}: ${key.key} is accepted, but this version authenticates nobody: see "auth".`)
  }
  const spec = textOf(block, 'app')
  const app = spec === undefined ? null : readModuleSpec(spec, projectDir, place.child('app'), findings)
  return app && { app }
}

/** With nothing that authenticates, both orders are one. */
function judgeOrder({ block, place }: PlacedBlock, findings: Findings): void {
  const order = textOf(block, 'middleware_order')
  if (order === undefined || order === 'middleware_first') return
  const key = place.child('middleware_order')
  if (order === 'auth_first') {
    findings.warn(`${key.where}: ${key.key} is accepted, but this version authenticates nobody: see "auth".`)
  } else findings.fault(key, 'is not an order', 'Write "middleware_first" or "auth_first".')
}

/** The resources that `http.disable_…` takes away. */
export function readDisabled({ block }: PlacedBlock): readonly SwitchableResource[] {
  return SWITCHABLE_RESOURCES.filter((resource) => flagOf(block, `disable_${resource}`))
}
