import 'reflect-metadata'
import { expect, it } from 'vitest'
import { faultsOf, load } from './project.spec.support.js'
import { readWebhooksBlock as read } from './webhooks.spec.support.js'

const proxyOf = (text: string) => read({}, { SIGNALBOX_WEBHOOK_PROXY: text })

it.each([
  ['http://proxy.internal:3128', { scheme: 'http', host: 'proxy.internal', port: 3128, authorization: null }],
  ['HTTPS://Proxy.internal/', { scheme: 'https', host: 'proxy.internal', port: 443, authorization: null }],
  ['http://10.0.0.1', { scheme: 'http', host: '10.0.0.1', port: 80, authorization: null }],
  ['http://[fd00::1]:8080', { scheme: 'http', host: 'fd00::1', port: 8080, authorization: null }],
  ['http://user:p%40ss%3A@p:1', { scheme: 'http', host: 'p', port: 1, authorization: 'Basic dXNlcjpwQHNzOg==' }],
  ['http://token@p:1', { scheme: 'http', host: 'p', port: 1, authorization: 'Basic dG9rZW46' }],
])('reads %s', (text, expected) => {
  const { webhooks, faults } = proxyOf(text)
  expect(faults).toEqual([])
  expect(webhooks.proxy).toEqual(expected)
})

it('is none when the variable is unset', () => expect(read({}).webhooks.proxy).toBeNull())

it.each([
  'proxy:3128',
  'socks5://sesame:3128',
  'http://',
  'http:/sesame',
  'http://sesame:0',
  'http://sesame:65536',
  'http://sesame/path',
  'http://sesame?x',
  'http://sesame#x',
  'http://sesame\\x',
  ' http://sesame',
  'http://sesame, http://other',
  'http://us%3Aer:sesame@p:1',
  'http://user:%zz-sesame@p:1',
])('refuses %j without showing it', (text) => {
  const { faults, text: told } = proxyOf(text)
  expect(faults).toEqual(['environment: SIGNALBOX_WEBHOOK_PROXY is not the URL of a proxy'])
  expect(told).not.toContain('sesame')
})

it('never shows its user and password', () => {
  const settings = load({}, { SIGNALBOX_WEBHOOK_PROXY: 'http://user:sesame@p:1' })
  expect(settings.webhooks.proxy?.authorization).toBe('Basic dXNlcjpzZXNhbWU=')
  expect(JSON.stringify(settings)).not.toMatch(/sesame|dXNlcjpzZXNhbWU/)
  const { message } = faultsOf(() => load({}, { SIGNALBOX_WEBHOOK_PROXY: 'http://user:sesame@p:0' }))
  expect(message).not.toContain('sesame')
})
