import 'reflect-metadata'
import { expect, it } from 'vitest'
import { type Outcome, readWebhooksBlock as read } from './webhooks.spec.support.js'

const allow = (text: string): Outcome => read({}, { SIGNALBOX_WEBHOOK_ALLOW_HOSTS: text })

it('reads hosts, addresses and CIDRs in normal form', () => {
  const { webhooks, faults } = allow(
    'Hooks.internal. , 10.1.2.3,10.9.9.9/8, [FD00:0::1], fd12:3456::/32,::ffff:10.0.0.0/104',
  )
  expect(faults).toEqual([])
  expect(webhooks.allowedTargets).toEqual([
    { kind: 'host', host: 'hooks.internal' },
    { kind: 'cidr', address: '10.1.2.3', prefixLength: 32 },
    { kind: 'cidr', address: '10.0.0.0', prefixLength: 8 },
    { kind: 'cidr', address: 'fd00::1', prefixLength: 128 },
    { kind: 'cidr', address: 'fd12:3456::', prefixLength: 32 },
    { kind: 'cidr', address: '10.0.0.0', prefixLength: 8 },
  ])
})

it.each([
  ['10.0.0.0/7', 'has a prefix shorter than /8'],
  ['0.0.0.0/0', 'has a prefix shorter than /8'],
  ['::/0', 'has a prefix shorter than /8'],
  ['::ffff:0.0.0.0/96', 'has a prefix shorter than /8'],
  ['10.0.0.0/33', 'has a prefix length that does not exist'],
  ['10.0.0.0/', 'has a prefix length that does not exist'],
  ['fd00::/129', 'has a prefix length that does not exist'],
  ['10.0.0.0/8/8', 'is neither a host, an address nor a CIDR'],
  ['10/8', 'is not a CIDR'],
  ['host/24', 'is not a CIDR'],
  ['010.0.0.1', 'is an address in an unusual form'],
  ['0x7f.1', 'is an address in an unusual form'],
  ['2130706433', 'is an address in an unusual form'],
  ['*.internal', 'has a "*", and only exact hosts are taken'],
  ['host:80', 'has a port (an IPv6 address stands in brackets)'],
  ['fe80::1%eth0', 'is not a host'],
  ['a..b', 'is not a host'],
  ['', 'is empty'],
])('refuses %j', (entry, problem) => {
  expect(allow(`ok.internal,${entry}`).faults).toEqual([
    `environment: SIGNALBOX_WEBHOOK_ALLOW_HOSTS (entry 2) ${problem}`,
  ])
})
