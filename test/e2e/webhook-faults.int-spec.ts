import 'reflect-metadata'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCommand } from '../support/command.js'

const SHORT_SECRET = `whsec_${Buffer.from('sesame').toString('base64')}`

/** Every kind of fault of webhooks contract section 4; `sesame` stands in every value that must not show. */
const WEBHOOKS = {
  env_prefix: '',
  headers: {
    'X-Unset': '${{ env.LG_WEBHOOK_UNSET }}',
    'X-Empty': '${{ env.LG_WEBHOOK_EMPTY }}',
    'X-Outside': '${{ env.HOME }}',
    'X-Malformed': 'sesame ${{ env.LG_WEBHOOK_TOKEN',
    'X-Illegal': 'Bearer ${{ env.LG_WEBHOOK_TOKEN }}',
    'Webhook-Id': 'sesame',
    'X-Twice': 'sesame',
    'x-twice': 'sesame',
  },
  url: {
    allowed_domains: ['*', 'https://a.com', 'a.com:443', 'a.com/x', 'a.*.com'],
    allowed_ports: [0],
    max_url_length: 0,
    require_http: true,
  },
  header: {},
}

const ENVIRONMENT = {
  LG_WEBHOOK_TOKEN: 'sesame\nX-Injected: 1',
  LG_WEBHOOK_EMPTY: '',
  SIGNALBOX_WEBHOOK_SECRETS: SHORT_SECRET,
  SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '10.0.0.0/7,sesame:80',
  SIGNALBOX_WEBHOOK_PROXY: 'socks5://user:sesame@p:1',
  SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: 'sesame',
  LANGGRAPH_HTTP: '{"disable_webhook":true}',
}

const EXPECTED = [
  ': webhooks.env_prefix is empty',
  ': webhooks.headers.X-Unset uses the variable LG_WEBHOOK_UNSET, which is not set',
  ': webhooks.headers.X-Empty uses the variable LG_WEBHOOK_EMPTY, which is not set',
  ': webhooks.headers.X-Outside uses the variable HOME, which does not begin with LG_WEBHOOK_',
  ': webhooks.headers.X-Malformed has a malformed template',
  ': webhooks.headers.X-Illegal has an illegal value (filled from LG_WEBHOOK_TOKEN)',
  ': webhooks.headers.Webhook-Id is a reserved header name',
  ': webhooks.headers.x-twice is the same header as "X-Twice"',
  ': webhooks.url.allowed_domains[0] is "*"',
  ': webhooks.url.allowed_domains[1] has a scheme',
  ': webhooks.url.allowed_domains[2] has a port',
  ': webhooks.url.allowed_domains[3] has a path',
  ': webhooks.url.allowed_domains[4] has a "*" elsewhere than in front',
  ': webhooks.url.allowed_ports must be',
  ': webhooks.url.max_url_length must be',
  ': webhooks.url.require_http is not a known key. The nearest known key is "require_https"',
  ': webhooks.header is not a known key. The nearest known key is "headers"',
  'environment: SIGNALBOX_WEBHOOK_SECRETS (entry 1) is shorter than 24 bytes',
  'environment: SIGNALBOX_WEBHOOK_ALLOW_HOSTS (entry 1) has a prefix shorter than /8',
  'environment: SIGNALBOX_WEBHOOK_ALLOW_HOSTS (entry 2) has a port',
  'environment: SIGNALBOX_WEBHOOK_PROXY is not the URL of a proxy',
  'environment: SIGNALBOX_WEBHOOK_RETRY_SCHEDULE is not a schedule',
  'environment: LANGGRAPH_HTTP.disable_webhook is not a known key. The nearest known key is "disable_webhooks"',
]

it.each(['start', 'dev'])(
  '%s tells every fault at once, no value of any, and ends before it opens anything',
  async (command) => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-faults-'))
    const config = join(folder, 'langgraph.json')
    writeFileSync(join(folder, 'graph.js'), 'export const graph = null')
    writeFileSync(config, JSON.stringify({ graphs: { agent: './graph.js:graph' }, webhooks: WEBHOOKS }))
    const dataDir = join(folder, 'data')
    const end = await runCommand([command, '--config', config, '--port', '0', '--data-dir', dataDir], ENVIRONMENT)
    expect(end.code).toBe(1)
    for (const line of EXPECTED) expect(end.stderr).toContain(line)
    expect(end.stderr).toContain(`(${EXPECTED.length} faults)`)
    expect(end.stderr).toContain(`- ${config}: webhooks.`)
    expect(end.stderr + end.stdout).not.toMatch(new RegExp(`sesame|${SHORT_SECRET.slice(6)}|X-Injected`))
    expect(end.stdout).not.toContain('ready')
    expect(existsSync(dataDir)).toBe(false)
  },
)
