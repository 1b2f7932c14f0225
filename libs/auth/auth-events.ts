/** What a handler may be asked about: the resources of the SDK's `Auth`, and the actions of each (contract 1.7). */
const ACTIONS = {
  assistants: ['create', 'read', 'update', 'delete', 'search'],
  threads: ['create', 'read', 'update', 'delete', 'search', 'create_run'],
  crons: ['create', 'read', 'update', 'delete', 'search'],
  store: ['put', 'get', 'search', 'delete', 'list_namespaces'],
} as const

type Actions = typeof ACTIONS

/** One resource and action, `threads:read` for example. */
export type AuthEvent = { [Resource in keyof Actions]: `${Resource}:${Actions[Resource][number]}` }[keyof Actions]

/** Every event. */
export const AUTH_EVENTS = Object.entries(ACTIONS).flatMap(([resource, actions]) =>
  actions.map((action) => `${resource}:${action}` as AuthEvent),
)

/** The names under which a handler for an event may stand, most specific first (contract 1.7). */
export function handlerNames(event: AuthEvent): string[] {
  const [resource, action] = event.split(':') as [string, string]
  return [event, resource, `*:${action}`, '*']
}

/** Every name under which a handler is ever asked. */
export const HANDLER_NAMES: ReadonlySet<string> = new Set(AUTH_EVENTS.flatMap(handlerNames))
