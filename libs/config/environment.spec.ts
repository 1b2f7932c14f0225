import 'reflect-metadata'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { faultsOf, lastFolder, load } from './project.spec.support.js'

it('takes env as an object, where a real variable wins and an empty one is unset', () => {
  const env = { SIGNALBOX_MAX_RUNS: 3, SIGNALBOX_WEBHOOK_CONCURRENCY: '4', SIGNALBOX_INSPECTOR: false, EMPTY: '' }
  const settings = load({ env }, { SIGNALBOX_MAX_RUNS: '7', SIGNALBOX_WEBHOOK_CONCURRENCY: '' })
  expect(settings.runs.maxConcurrent).toBe(7)
  expect(settings.webhooks).toMatchObject({ concurrency: 4, inspector: false })
  expect(settings.environment).toEqual({
    SIGNALBOX_MAX_RUNS: '3',
    SIGNALBOX_WEBHOOK_CONCURRENCY: '4',
    SIGNALBOX_INSPECTOR: 'false',
    EMPTY: '',
  })
})

it('takes env as a dotenv file, for headers, DATABASE_URI and LANGGRAPH_ variables alike', () => {
  const dotenv = [
    '\uFEFF# comment',
    'export LG_WEBHOOK_TOKEN="a b" # c',
    "DATABASE_URI='postgresql://u:p@h/d'",
    `LANGGRAPH_CONFIG='{"agent":{"context":{"a":1},"configurable":{"b":2},"recursion_limit":5}}'`,
  ].join('\r\n')
  const content = { env: '.env', webhooks: { headers: { 'X-T': '${{env.LG_WEBHOOK_TOKEN}}' } } }
  const settings = load(
    content,
    { SIGNALBOX_DATABASE_POOL: '3', SIGNALBOX_PREPARED_STATEMENTS: '0' },
    { files: { '.env': dotenv } },
  )
  expect(settings.webhooks.headers).toEqual([{ name: 'X-T', value: 'a b', filled: ['a b'] }])
  expect(settings.database).toEqual({
    kind: 'postgres',
    uri: 'postgresql://u:p@h/d',
    poolSize: 3,
    preparedStatements: false,
  })
  expect(settings.assistantDefaults).toEqual({
    agent: { context: { a: 1 }, config: { configurable: { b: 2 }, recursion_limit: 5 } },
  })
})

it('takes LANGGRAPH_CONFIG as an object inside env', () => {
  const settings = load({ env: { LANGGRAPH_CONFIG: { agent: { configurable: { model_name: 'openai' } } } } })
  expect(settings.assistantDefaults).toEqual({
    agent: { context: {}, config: { configurable: { model_name: 'openai' } } },
  })
})

it('names the dotenv file where a bad variable stands', () => {
  const { where, lines } = faultsOf(() => load({ env: '.env' }, {}, { files: { '.env': 'SIGNALBOX_MAX_RUNS=many' } }))
  expect(where).toEqual([join(lastFolder(), '.env')])
  expect(lines).toEqual(['SIGNALBOX_MAX_RUNS must be a whole number of at least 1'])
})

it.each([
  [{ env: './absent.env' }, 'env cannot be read: it does not exist'],
  [{ env: 5 }, 'env must be an object of strings or the path of a dotenv file'],
  [{ env: { A: [] } }, 'env.A must be a string'],
  [{ env: { A: null } }, 'env.A must be a string'],
  [{ env: { 'A=B': 'x' } }, 'env["A=B"] is not a variable name'],
])('refuses %j', (content, expected) => {
  expect(faultsOf(() => load(content)).lines).toEqual([expected])
})

it.each([
  ['PORT', 'http', '65536', 'must be a whole number from 0 to 65535'],
  ['SIGNALBOX_PORT', 'x', '-1', 'must be a whole number from 0 to 65535'],
  ['SIGNALBOX_HOST', 'a b', 'http://x', 'is neither an address nor a host name'],
  ['SIGNALBOX_MAX_RUNS', '0', '1.5', 'must be a whole number of at least 1'],
  ['SIGNALBOX_RUN_TIMEOUT', '5', '0s', 'is not a duration of at least 1 ms'],
  ['SIGNALBOX_SHUTDOWN_GRACE', '-1s', '9999h', 'is not a duration'],
  ['SIGNALBOX_LEASE', '10ms', '5', 'is not a duration of at least 1000 ms'],
  ['SIGNALBOX_WEBHOOK_TIMEOUT', '10', '10 s', 'is not a duration of at least 1 ms'],
  ['SIGNALBOX_WEBHOOK_RETRY_SCHEDULE', '1s,,2s', '1s,5', 'is not a schedule'],
  ['SIGNALBOX_WEBHOOK_PER_HOST', '0', '1e3', 'must be a whole number of at least 1'],
  ['SIGNALBOX_BODY_LIMIT', '10MiB', '0', 'must be a whole number of at least 1'],
  ['SIGNALBOX_LOG_LEVEL', 'trace', 'x', 'is not a log level'],
  ['SIGNALBOX_INSPECTOR', 'yes', '2', 'is neither 1 nor 0'],
  ['SIGNALBOX_ADMIN_KEY', 'a b', 'ä', 'cannot be sent in a header'],
  ['SIGNALBOX_ROLE', 'apis', 'both', 'is not a role of a process'],
  ['REDIS_URI', 'localhost:6379', 'http://localhost', 'is not the address of a Redis server'],
  ['SIGNALBOX_API_KEYS', 'fifteen-letters', 'with-spaces-in a-key', 'holds a key that cannot be used'],
  ['LANGGRAPH_AUTH', '[]', 'null', 'must hold a JSON object'],
  ['DATABASE_URI', 'mysql://h/d', 'postgres://u:p#@h:x/d', 'is not the address of a PostgreSQL server'],
  ['DATABASE_URL', 'h/d', 'file:x', 'is not the address of a PostgreSQL server'],
  ['LANGGRAPH_CONFIG', '[]', '5', 'must hold a JSON object'],
  ['LANGGRAPH_HTTP', 'null', '""', 'must hold a JSON object'],
  ['SIGNALBOX_ADMINKEY', 'secret-1', 'secret-2', 'is not a known variable'],
  ['SIGNALBOX_WEBHOOK_SECRET', 'secret-1', 'secret-2', 'is not a known variable'],
])('refuses a bad %s without showing it', (name, one, other, problem) => {
  for (const value of [one, other]) {
    const { lines, message, where } = faultsOf(() => load({}, { [name]: value }))
    expect([lines, where]).toEqual([[`${name} ${problem}`], ['environment']])
    if (value.length > 3) expect(message.replaceAll(/Write .*/g, '')).not.toContain(value)
  }
})

it('reads every variable', () => {
  const settings = load(
    {},
    {
      PORT: '1',
      SIGNALBOX_PORT: '0',
      SIGNALBOX_HOST: '[::1]',
      SIGNALBOX_DATA_DIR: 'data',
      SIGNALBOX_RUN_TIMEOUT: '1.5m',
      SIGNALBOX_SHUTDOWN_GRACE: '0s',
      SIGNALBOX_LEASE: '2s',
      SIGNALBOX_LOG_LEVEL: 'debug',
      SIGNALBOX_ADMIN_KEY: 'key',
      SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: '1s, 5s,1m',
      SIGNALBOX_WEBHOOK_TIMEOUT: '250ms',
      SIGNALBOX_WEBHOOK_MAX_BODY_BYTES: '2000',
      SIGNALBOX_WEBHOOK_RETENTION: '45d',
      DATABASE_URL: 'postgres://h/d',
      SIGNALBOX_ROLE: 'all',
    },
  )
  expect(settings.http).toMatchObject({ port: 0, host: '::1' })
  expect(settings.runs).toMatchObject({ timeoutMs: 90_000, graceMs: 0, leaseMs: 2_000 })
  expect(settings.dataDir).toBe(join(settings.projectDir, 'data'))
  expect(settings.database).toEqual({ kind: 'postgres', uri: 'postgres://h/d', poolSize: 10, preparedStatements: true })
  expect(settings).toMatchObject({ logLevel: 'debug', adminKey: 'key', warnings: [] })
  expect(settings.webhooks).toMatchObject({
    retryScheduleMs: [1_000, 5_000, 60_000],
    timeoutMs: 250,
    maxBodyBytes: 2_000,
    retentionMs: 45 * 24 * 3_600_000,
  })
})

it('lets the command line win, and judges it', () => {
  const variables = { SIGNALBOX_PORT: '1', SIGNALBOX_HOST: 'h', SIGNALBOX_DATA_DIR: 'd' }
  const settings = load({}, variables, { port: 9, host: '0.0.0.0', dataDir: '/data' })
  expect(settings.http).toMatchObject({ port: 9, host: '0.0.0.0' })
  expect(settings.dataDir).toBe('/data')
  const faults = faultsOf(() => load({}, {}, { port: Number.NaN, host: 'a/b' }))
  expect(faults.where).toEqual(['command line', 'command line'])
})

it('is not disturbed by what Kubernetes sets for a service named signalbox', () => {
  const links = {
    SIGNALBOX_PORT: 'tcp://10.0.0.1:80',
    SIGNALBOX_SERVICE_HOST: '10.0.0.1',
    SIGNALBOX_PORT_80_TCP: 'x',
  }
  expect(load({}, { ...links, PORT: '99' })).toMatchObject({ http: { port: 99 }, warnings: [] })
})

it('warns of an unknown variable, naming the nearest where one is near', () => {
  const variables = {
    SIGNALBOX_FOO: '1',
    SIGNALBOX_WEBHOOK_RETRIES: '3',
    SIGNALBOX_WEBHOOK_TIMEOUT_MS: '5',
    SIGNALBOX_UNSET: '',
  }
  expect(load({}, variables).warnings.toSorted()).toEqual([
    'environment: SIGNALBOX_FOO is not a known variable and is ignored.',
    'environment: SIGNALBOX_WEBHOOK_RETRIES is not a known variable and is ignored.',
    'environment: SIGNALBOX_WEBHOOK_TIMEOUT_MS is not a known variable and is ignored; the nearest is SIGNALBOX_WEBHOOK_TIMEOUT.',
  ])
})

it('warns of a graph in LANGGRAPH_CONFIG that does not exist, and refuses a context that is no object', () => {
  expect(load({}, { LANGGRAPH_CONFIG: '{"other":{}}' }).warnings).toHaveLength(1)
  const bad = '{"agent":{"context":5}}'
  expect(faultsOf(() => load({}, { LANGGRAPH_CONFIG: bad })).lines).toEqual([
    'LANGGRAPH_CONFIG.agent.context must be an object',
  ])
})
