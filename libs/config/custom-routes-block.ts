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
  const authFirst = readOrder({ block, place }, findings)
  const spec = textOf(block, 'app')
  const app = spec === undefined ? null : readModuleSpec(spec, projectDir, place.child('app'), findings)
  return app && { app, authenticated: flagOf(block, 'enable_custom_route_auth'), authFirst }
}

/** Whether `auth_first` is written. */
function readOrder({ block, place }: PlacedBlock, findings: Findings): boolean {
  const order = textOf(block, 'middleware_order') ?? 'middleware_first'
  if (order !== 'middleware_first' && order !== 'auth_first') {
    findings.fault(place.child('middleware_order'), 'is not an order', 'Write "middleware_first" or "auth_first".')
  }
  return order === 'auth_first'
}

/** The resources that `http.disable_…` takes away. */
export function readDisabled({ block }: PlacedBlock): readonly SwitchableResource[] {
  return SWITCHABLE_RESOURCES.filter((resource) => flagOf(block, `disable_${resource}`))
}
