/**
 * First segments of routes that anybody may ask, whatever authentication is configured: what tells that the server is
 * there and what its API looks like, and what has a key of its own (`/metrics`, the admin routes, the inspector, the
 * console; contract 1.6, webhooks contract 6).
 */
const OPEN = new Set([
  '',
  'ok',
  'info',
  'health',
  'docs',
  'openapi.json',
  'ui',
  'metrics',
  'webhooks',
  'inspector',
  'console',
])

/** Whether a route, by its template below the mount prefix, asks nobody who they are. */
export function isOpenRoute(template: string): boolean {
  const [, first = ''] = template.split('/')
  return OPEN.has(first)
}
