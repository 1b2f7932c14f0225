import 'reflect-metadata'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'

it('accepts every key of the reference that is build-time only or harmless, silently', () => {
  const settings = load({
    $schema: 'x',
    node_version: '22',
    python_version: '3.12',
    dependencies: ['.'],
    pip_config_file: 'x',
    pip_installer: 'uv',
    dockerfile_lines: [],
    base_image: 'x',
    image_distro: 'wolfi',
    api_version: '1',
    source: {},
    keep_pkg_tools: true,
    auth: null,
    store: {},
    http: { disable_mcp: true, disable_a2a: true, disable_ui: true, disable_runs: false },
  })
  expect(settings.warnings).toEqual([])
})

it.each([
  [{ webhook: {} }, 'webhook is not a known key', 'webhooks'],
  [{ HTTP: {}, Webhooks: {} }, 'HTTP is not a known key', 'webhooks'],
  [{ http: { disable_webhook: true } }, 'http.disable_webhook is not a known key', 'disable_webhooks'],
  [{ http: { disableWebhooks: true } }, 'http.disableWebhooks is not a known key', 'disable_webhooks'],
  [{ http: { cors: { allow_origin: ['*'] } } }, 'http.cors.allow_origin is not a known key', 'allow_origins'],
  [{ store: { ttl: { default_tl: 1 } } }, 'store.ttl.default_tl is not a known key', 'default_ttl'],
  [{ webhooks: { timeout_of_everything: 1 } }, 'webhooks.timeout_of_everything is not a known key', 'env_prefix'],
  [{ webhooks: { url: { xyz: [] } } }, 'webhooks.url.xyz is not a known key', ''],
  [{ webhooks: { disable_webhooks: true } }, 'webhooks.disable_webhooks is not a known key', 'belongs under "http"'],
])('refuses the unknown key of %j', (content, expected, hint) => {
  const { lines, message } = faultsOf(() => load(content))
  expect(lines).toContain(expected)
  expect(message).toContain(hint)
})

it('warns of other unknown keys, and says where a misplaced one belongs', () => {
  const { warnings } = load({ something_else: 1, disable_webhooks: true, http: { further_things: {} } })
  expect(warnings.map((warning) => warning.replace(/^.*langgraph\.json: /, ''))).toEqual([
    'something_else is not a known key and is ignored.',
    'disable_webhooks is not a known key and is ignored: it belongs under "http".',
    'http.further_things is not a known key and is ignored.',
  ])
})
