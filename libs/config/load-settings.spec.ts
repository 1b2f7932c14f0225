import 'reflect-metadata'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadSettings } from './load-settings.js'
import { faultsOf, GRAPHS, lastFolder, load, project, root } from './project.spec.support.js'

it('fills every default in dev', () => {
  const settings = load({ node_version: '20' })
  expect(settings).toMatchObject({
    mode: 'dev',
    projectDir: lastFolder(),
    graphs: [{ graphId: 'agent', exportName: 'graph', description: null }],
    database: { kind: 'embedded', dir: join(settings.projectDir, '.signalbox') },
    logLevel: 'info',
    http: { host: '127.0.0.1', port: 8123, mountPrefix: '', bodyLimitBytes: 10_485_760 },
    runs: { maxConcurrent: 10, timeoutMs: null, leaseMs: 60_000, graceMs: 30_000, eventRetentionMs: 120_000 },
    store: { index: null, defaultTtlMinutes: null, refreshOnRead: true, sweepIntervalMinutes: 5 },
    threadTtl: { default: null, sweepIntervalMinutes: 5, sweepLimit: 1_000 },
    schemaTimeoutMs: 30_000,
    auth: { kind: 'none' },
    authDocument: { securitySchemes: {}, security: [] },
    adminKey: null,
    assistantDefaults: {},
    warnings: [],
  })
  expect(settings.graphs[0]!.file).toBe(join(settings.projectDir, 'agent.ts'))
  expect(settings.http.cors).toEqual({
    origins: ['*'],
    originRegex: null,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    headers: ['*'],
    credentials: false,
    exposeHeaders: ['content-location', 'location', 'x-pagination-total', 'x-pagination-next', 'x-request-id'],
    maxAgeSeconds: 600,
  })
  expect(settings.webhooks).toEqual({
    disabled: false,
    headers: [],
    url: {
      allowedDomains: null,
      requireHttps: false,
      allowedPorts: null,
      disableLoopback: false,
      maxUrlLength: 2048,
    },
    allowedTargets: [],
    secrets: [],
    proxy: null,
    retryScheduleMs: [5, 30, 120, 600, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map((s) => s * 1000),
    timeoutMs: 10_000,
    concurrency: 128,
    perHost: 16,
    maxBodyBytes: 5_242_880,
    retentionMs: 30 * 24 * 3_600_000,
    inspector: true,
    allowPrivateNetworks: true,
  })
})

it('closes in start what dev opens, and warns of the embedded database and of the open API', () => {
  const settings = load({}, {}, { mode: 'start' })
  expect(settings.webhooks).toMatchObject({ inspector: false, allowPrivateNetworks: false })
  expect(settings.warnings).toEqual([
    expect.stringMatching(/power cut.*DATABASE_URI/),
    expect.stringContaining('No authentication is configured'),
  ])
})

it.each([
  ['{\n  "graphs": tru }', 'is not valid JSON (line 2, column 13)'],
  ['{ "a": 1 // note\n}', 'is not valid JSON (line 1, column 10)'],
  ['{ "a": [1, 2],\n}', 'is not valid JSON (line 2, column 1)'],
  ['', 'is not valid JSON (line 1, column 1)'],
  ['{ "a": "unclosed\n" }', 'is not valid JSON (line 1, column 8)'],
  ['[]', 'must hold a JSON object'],
  ['null', 'must hold a JSON object'],
])('refuses %j', (text, problem) => {
  const { lines } = faultsOf(() => loadSettings({ mode: 'dev', configFile: project(text), environment: {} }))
  expect(lines).toEqual([` ${problem}`])
})

it('names a missing file together with the faults of the environment', () => {
  const configFile = join(root, 'absent.json')
  const faults = faultsOf(() => loadSettings({ mode: 'dev', configFile, environment: { PORT: 'x' } }))
  expect(faults.where).toEqual([configFile, 'environment'])
  expect(faults.message).toContain('it does not exist')
})

it('reads past a byte order mark', () => {
  const configFile = project(`\uFEFF${JSON.stringify({ graphs: GRAPHS })}`)
  expect(loadSettings({ mode: 'dev', configFile, environment: {} }).graphs).toHaveLength(1)
})

it('tells every fault at once, with the place and the way to mend it', () => {
  const { lines, message } = faultsOf(() =>
    load({ graphs: {}, http: { disable_webhooks: 'true' }, auth: { path: 'x' } }, { SIGNALBOX_MAX_RUNS: 'x' }),
  )
  expect(lines).toHaveLength(4)
  expect(message.split('\n')[0]).toBe('The configuration cannot be used (4 faults):')
  expect(message).toMatch(/^- .*langgraph\.json: http\.disable_webhooks must be a boolean\. Write true or false/m)
})
