import 'reflect-metadata'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { load } from './project.spec.support.js'

const secret = Buffer.alloc(32, 7)
const variables = {
  LG_WEBHOOK_TOKEN: 'token-1',
  SIGNALBOX_ADMIN_KEY: 'admin-1',
  SIGNALBOX_WEBHOOK_SECRETS: `whsec_${secret.toString('base64')}`,
  DATABASE_URI: 'postgres://u:password-1@h/d',
  LANGGRAPH_CONFIG: '{"agent":{"configurable":{"k":"config-1"}}}',
}
const content = { webhooks: { headers: { 'X-T': 'Bearer ${{ env.LG_WEBHOOK_TOKEN }}' } } }

it('secrets never show when the settings are dumped, wherever they came from', () => {
  for (const settings of [load(content, variables), load({ ...content, env: variables })]) {
    const dumps = [settings, settings.webhooks, settings.database].flatMap((part) => [
      JSON.stringify(part),
      inspect(part, { depth: 9 }),
    ])
    expect(dumps.join()).not.toMatch(/(token|admin|password|config)-1|BwcHBw|07 07 07|7,7,7/)
    expect(settings.webhooks.headers[0]!.value).toBe('Bearer token-1')
    expect(settings.webhooks.secrets[0]!.key).toEqual(secret)
    expect(settings.adminKey).toBe('admin-1')
  }
})

it('the settings are frozen all the way down', () => {
  const settings = load(content, variables)
  for (const part of [
    settings,
    settings.graphs,
    settings.graphs[0],
    settings.http.cors.origins,
    settings.webhooks.url,
  ]) {
    expect(Object.isFrozen(part)).toBe(true)
  }
  expect(Object.isFrozen(settings.assistantDefaults['agent']?.config)).toBe(true)
  expect(Object.isFrozen(settings.webhooks.headers[0])).toBe(true)
})
