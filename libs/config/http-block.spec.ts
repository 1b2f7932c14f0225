import 'reflect-metadata'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'

it('reads the built keys', () => {
  const { http, webhooks } = load({
    http: {
      disable_webhooks: true,
      mount_prefix: '/api/v1/',
      configurable_headers: { includes: ['X-User-*'], excludes: ['*-Secret'] },
      logging_headers: { includes: ['X-Team'] },
      cors: {
        allow_origins: ['https://App.example.com/', 'http://localhost:3000'],
        allow_origin_regex: 'https://.*\\.example\\.com',
        allow_methods: ['get'],
        allow_headers: ['X-A'],
        allow_credentials: true,
        expose_headers: ['X-Own', 'Location'],
        max_age: 5,
      },
    },
  })
  expect(webhooks.disabled).toBe(true)
  expect(http.mountPrefix).toBe('/api/v1')
  expect(http.loggingHeaders).toEqual({ includes: ['x-team'], excludes: [] })
  expect(http.configurableHeaders).toEqual({ includes: ['x-user-*'], excludes: ['*-secret'] })
  expect(http.cors).toEqual({
    origins: ['https://app.example.com', 'http://localhost:3000'],
    originRegex: 'https://.*\\.example\\.com',
    methods: ['GET'],
    headers: ['x-a'],
    credentials: true,
    exposeHeaders: ['x-own', 'location', 'content-location', 'x-pagination-total', 'x-pagination-next', 'x-request-id'],
    maxAgeSeconds: 5,
  })
})

it('names no origin beside a pattern, and never allows credentials from any origin', () => {
  expect(load({ http: { cors: { allow_origin_regex: '.*' } } }).http.cors.origins).toEqual([])
  const { http, warnings } = load({ http: { cors: { allow_origins: ['*'], allow_credentials: true } } })
  expect(http.cors.credentials).toBe(false)
  expect(warnings).toEqual([expect.stringContaining('http.cors.allow_credentials is ignored')])
})

it.each([
  [{ disable_webhooks: 'true' }, 'http.disable_webhooks must be a boolean'],
  [{ disable_webhooks: 1 }, 'http.disable_webhooks must be a boolean'],
  [{ disable_webhooks: null }, 'http.disable_webhooks must be a boolean'],
  [{ disable_runs: 'yes' }, 'http.disable_runs must be a boolean'],
  [{ mount_prefix: 'api' }, 'http.mount_prefix is not a path prefix'],
  [{ mount_prefix: '/a/../b' }, 'http.mount_prefix is not a path prefix'],
  [{ mount_prefix: '//a' }, 'http.mount_prefix is not a path prefix'],
  [{ mount_prefix: 5 }, 'http.mount_prefix must be a string'],
  [{ cors: [] }, 'http.cors must be an object'],
  [{ cors: { allow_origins: '*' } }, 'http.cors.allow_origins must be a list of strings'],
  [{ cors: { allow_origins: ['example.com'] } }, 'http.cors.allow_origins[0] is not an origin'],
  [{ cors: { allow_origins: ['https://*.a.com'] } }, 'http.cors.allow_origins[0] is not an origin'],
  [{ cors: { allow_origins: ['https://a.com/x'] } }, 'http.cors.allow_origins[0] is not an origin'],
  [{ cors: { allow_origin_regex: '(' } }, 'http.cors.allow_origin_regex is not a regular expression'],
  [{ cors: { allow_headers: ['a b'] } }, 'http.cors.allow_headers[0] is not a header name'],
  [{ cors: { allow_methods: ['G T'] } }, 'http.cors.allow_methods[0] is not an HTTP method'],
  [{ cors: { max_age: -1 } }, 'http.cors.max_age must be a whole number of seconds, 0 or more'],
  [{ configurable_headers: { includes: 'x-a' } }, 'http.configurable_headers.includes must be a list of strings'],
  [
    { configurable_headers: { excludes: ['a:b'] } },
    'http.configurable_headers.excludes[0] is not a header name or pattern',
  ],
])('refuses %j', (http, expected) => {
  expect(faultsOf(() => load({ http })).lines).toEqual([expected])
})

it('is replaced by LANGGRAPH_HTTP, whose faults name the variable', () => {
  const http = { mount_prefix: 'wrong', disable_webhook: true }
  expect(load({ http }, { LANGGRAPH_HTTP: '{"disable_webhooks":true}' }).webhooks.disabled).toBe(true)
  const { lines, where } = faultsOf(() => load({ http }, { LANGGRAPH_HTTP: '{"disable_webhook":true}' }))
  expect([lines, where]).toEqual([['LANGGRAPH_HTTP.disable_webhook is not a known key'], ['environment']])
})

it('reads what is taken away, what is added and what is logged', () => {
  const { http, warnings } = load({
    http: {
      app: './agent.ts:app',
      disable_runs: true,
      disable_meta: true,
      disable_store: false,
      middleware_order: 'middleware_first',
    },
  })
  expect(http.disabled).toEqual(['runs', 'meta'])
  expect(http.customRoutes).toMatchObject({ app: { exportName: 'app' }, authenticated: false, authFirst: false })
  expect(warnings).toEqual([])
  expect(load({}).http).toMatchObject({ disabled: [], customRoutes: null })
})

it('reads whether custom routes ask who calls, and when that is found out', () => {
  const app = './agent.ts:app'
  const { http, warnings } = load({ http: { app, middleware_order: 'auth_first', enable_custom_route_auth: true } })
  expect(http.customRoutes).toMatchObject({ authenticated: true, authFirst: true })
  expect(warnings).toEqual([])
  expect(load({ http: { app, enable_custom_route_auth: false } }).http.customRoutes).toMatchObject({
    authenticated: false,
    authFirst: false,
  })
})

it('refuses another order, and an app that is not there', () => {
  expect(faultsOf(() => load({ http: { middleware_order: 'last' } })).lines).toEqual([
    'http.middleware_order is not an order',
  ])
  expect(faultsOf(() => load({ http: { app: './nowhere.ts:app' } })).lines).toEqual([
    'http.app names a file that does not exist',
  ])
})
