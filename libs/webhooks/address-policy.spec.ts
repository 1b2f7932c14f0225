import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { AllowedTarget } from '#config'
import { type AddressClass, classifyAddress, judgeAddress } from './address-policy.js'
import { webhookSettings } from './webhook-settings.spec.support.js'

const CLASSES: readonly [string, AddressClass][] = [
  ['1.1.1.1', 'public'],
  ['93.184.216.34', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.255.0.9', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd12::1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['64:ff9b::a00:1', 'private'],
  ['192.0.2.1', 'special'],
  ['198.18.0.1', 'special'],
  ['240.0.0.1', 'special'],
  ['2001:db8::1', 'special'],
  ['100::1', 'special'],
  ['4000::1', 'special'],
  ['fec0::1', 'special'],
  ['5f00::1', 'special'],
  ['0.0.0.0', 'never'],
  ['0.1.2.3', 'never'],
  ['255.255.255.255', 'never'],
  ['224.0.0.1', 'never'],
  ['169.254.169.254', 'never'],
  ['::ffff:169.254.169.254', 'never'],
  ['64:ff9b::a9fe:a9fe', 'never'],
  ['100.100.100.200', 'never'],
  ['168.63.129.16', 'never'],
  ['192.0.0.192', 'never'],
  ['fd00:ec2::254', 'never'],
  ['fe80::1', 'never'],
  ['fe80::1%eth0', 'never'],
  ['fd00:ec2::254%eth0', 'never'],
  ['fd00:ec2::23', 'never'],
  ['fd20:ce::254', 'never'],
  ['::8.8.8.8%1', 'never'],
  ['::ffff:8.8.8.8%1', 'never'],
  ['2606:4700::1%1', 'never'],
  ['ff02::1', 'never'],
  ['::', 'never'],
  ['::1.1.1.1', 'never'],
  ['::ffff:0:1.1.1.1', 'never'],
  ['64:ff9b:1::1', 'never'],
  ['2002:101:101::1', 'never'],
  ['2001:0:1::1', 'never'],
]

const cidr = (address: string, prefixLength: number): AllowedTarget => ({ kind: 'cidr', address, prefixLength })

describe('classifyAddress', () => {
  it.each(CLASSES)('%s is %s', (address, kind) => expect(classifyAddress(address)).toBe(kind))
})

describe('judgeAddress', () => {
  const allowed = (address: string, over: Parameters<typeof webhookSettings>[0] = {}, hostAllowed = false) =>
    judgeAddress(address, webhookSettings(over), hostAllowed).ok

  it.each(CLASSES)('in production without a list, %s passes only when public', (address, kind) => {
    expect(allowed(address)).toBe(kind === 'public')
  })

  it.each(CLASSES)('in development, %s passes when public, loopback or private', (address, kind) => {
    expect(allowed(address, { allowPrivateNetworks: true })).toBe(['public', 'loopback', 'private'].includes(kind))
  })

  it.each(CLASSES)('a listed name opens %s unless nothing may', (address, kind) => {
    expect(allowed(address, {}, true)).toBe(kind !== 'never')
  })

  it('opens listed networks, in either spelling of an address, and nothing beside them', () => {
    const allowedTargets = [cidr('10.0.0.0', 8), cidr('fd00::', 8), cidr('169.254.0.0', 16)]
    expect(allowed('10.9.9.9', { allowedTargets })).toBe(true)
    expect(allowed('::ffff:10.9.9.9', { allowedTargets })).toBe(true)
    expect(allowed('fd00::1', { allowedTargets })).toBe(true)
    expect(allowed('192.168.0.1', { allowedTargets })).toBe(false)
    expect(allowed('169.254.169.254', { allowedTargets })).toBe(false)
    expect(allowed('fd00:ec2::254', { allowedTargets })).toBe(false)
  })

  it('refuses loopback under disable_loopback, whatever else opens it', () => {
    const over = { url: { disableLoopback: true }, allowPrivateNetworks: true, allowedTargets: [cidr('127.0.0.0', 8)] }
    expect(allowed('127.0.0.1', over, true)).toBe(false)
    expect(allowed('::1', over, true)).toBe(false)
    expect(allowed('10.0.0.1', over)).toBe(true)
  })

  it('refuses what is no address', () => expect(allowed('example.com')).toBe(false))
})
