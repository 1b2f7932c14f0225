// Which faults a route may answer, by what it takes (contract section 15). The rest, such as 500, is `default`.

/** Creating what may be there already, or changing what may be busy. */
const CONFLICTS = new Set([
  'POST /assistants',
  'POST /threads',
  'POST /threads/{thread_id}/copy',
  'POST /threads/{thread_id}/state',
  'POST /webhooks/deliveries/redeliver',
  'POST /webhooks/deliveries/{delivery_id}/redeliver',
  'POST /webhooks/deliveries/{delivery_id}/cancel',
  'POST /webhooks/test',
])

/** What is there but has lost what it would need. */
const GONE = new Set(['POST /webhooks/deliveries/{delivery_id}/redeliver'])

/** Routes without an id in their path that look for something all the same. */
const SEEKING = new Set(['GET /store/items', 'POST /runs/cancel', 'POST /runs/crons'])

/** Changes that must say at least something. */
const CHANGING = new Set(['PATCH /runs/crons/{cron_id}'])

/** What belongs to somebody, where authentication is configured. */
const GUARDED = /^\/(assistants|threads?|runs|store)(\/|$)/

/** What an operation asks for by itself; null where it asks for what the server is configured to ask for. */
export function securityOf(path) {
  if (GUARDED.test(path)) return null
  if (path.startsWith('/webhooks/')) return [{ adminKey: [] }]
  // Once the key is configured.
  return path === '/metrics' ? [{}, { adminKey: [] }] : []
}

/** The statuses, ascending. */
export function faultsOf({ method, path, handler }) {
  const route = `${method.toUpperCase()} ${path}`
  const createsRun = method === 'post' && /\/runs(\/(stream|wait|batch))?$/.test(path)
  const takesInput = handler.takesBody || handler.queries.length > 0
  const hasId = /\{\w+_id\}/.test(path)
  return [
    ...(createsRun ||
    (route.endsWith('/state') && method === 'post') ||
    path.startsWith('/store/') ||
    CHANGING.has(route)
      ? [400]
      : []),
    ...(path.startsWith('/webhooks/') || GUARDED.test(path) ? [401, 403] : []),
    ...(hasId || createsRun || SEEKING.has(route) ? [404] : []),
    ...(CONFLICTS.has(route) || (createsRun && hasId) ? [409] : []),
    ...(GONE.has(route) ? [410] : []),
    ...(handler.takesBody ? [413, 415] : []),
    ...(takesInput || hasId ? [422] : []),
  ]
}
