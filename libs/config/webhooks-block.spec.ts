import 'reflect-metadata'
import { expect, it } from 'vitest'
import { readWebhooksBlock as read } from './webhooks.spec.support.js'

it('the block is replaced with its whole block by LANGGRAPH_WEBHOOKS, whose faults name the variable', () => {
  const own = { url: { require_https: 'broken' } }
  const good = read(own, { LANGGRAPH_WEBHOOKS: '{"url":{"allowed_ports":[443]}}' })
  expect(good.faults).toEqual([])
  expect(good.webhooks.url).toMatchObject({ allowedPorts: [443], requireHttps: false })
  expect(read(own, { LANGGRAPH_WEBHOOKS: '{"url":{"allowed_port":[443]},"headers":{"Host":"x"}}' }).faults).toEqual([
    'environment: LANGGRAPH_WEBHOOKS.url.allowed_port is not a known key',
    'environment: LANGGRAPH_WEBHOOKS.headers.Host is a reserved header name',
  ])
  const broken = read(own, { LANGGRAPH_WEBHOOKS: '{"headers": {"X-A": sesame}}' })
  expect(broken.faults).toEqual(['environment: LANGGRAPH_WEBHOOKS must hold a JSON object (line 1, column 21)'])
  expect(broken.text).not.toContain('sesame')
})

it.each([[[]], ['x'], [false]])('refuses %j for the block', (block) => {
  expect(read(block).faults).toEqual(['file: webhooks must be an object'])
})

const secret = `whsec_${Buffer.alloc(24).toString('base64')}`
const block = { headers: { 'X-A': '${{ env.LG_WEBHOOK_A }}', 'X-B': 'plain' } }
const variables = { LG_WEBHOOK_A: 'sesame', SIGNALBOX_WEBHOOK_SECRETS: secret }

it('the warning of open targets names the secret variable and the headers filled from the environment, in start only', () => {
  const { warnings } = read(block, variables, 'start')
  expect(warnings).toEqual([
    'Any URL that a caller names as webhook receives signatures by SIGNALBOX_WEBHOOK_SECRETS, the header X-A: ' +
      'set webhooks.url.allowed_domains to restrict the targets.',
  ])
  expect(read(block, variables, 'dev').warnings).toEqual([])
})

it('the warning of open targets is silent when the targets are restricted, or nothing but literals and host secrets is sent', () => {
  expect(read({ ...block, url: { allowed_domains: ['a.com'] } }, variables, 'start').warnings).toEqual([])
  const harmless = { SIGNALBOX_WEBHOOK_SECRETS: `a.com=${secret}` }
  expect(read({ headers: { 'X-B': 'plain' } }, harmless, 'start').warnings).toEqual([])
})
