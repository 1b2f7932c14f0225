import 'reflect-metadata'
import { isStudioUser } from '@langchain/langgraph-sdk/auth'
import { describe, expect, it } from 'vitest'
import { callWith } from './auth-room.spec.support.js'
import { isStudioCall, STUDIO_CALLER } from './studio.js'

const HEADERS = { host: 'localhost:2024', 'x-auth-scheme': 'langsmith' }
const HERE = '127.0.0.1'

describe('a call of Studio', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.53',
    '127.255.255.254',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::FFFF:127.9.9.9',
  ])('comes from %s', (peer) => expect(isStudioCall(callWith(HEADERS, peer))).toBe(true))

  it.each([
    '10.0.0.1',
    '128.0.0.1',
    '126.255.255.255',
    '192.168.1.2',
    '0.0.0.0',
    '203.0.113.7',
    '::',
    '::2',
    '::ffff:10.0.0.1',
    '::ffff:203.0.113.7',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%lo',
    '64:ff9b::7f00:1',
    '2001:db8::127.0.0.1',
    'localhost',
    '127.0.0.1:80',
    '127.1',
    '',
  ])('does not come from %s', (peer) => expect(isStudioCall(callWith(HEADERS, peer))).toBe(false))

  it('comes over a socket that has a peer', () => {
    expect(isStudioCall({ ...callWith(HEADERS), remoteAddress: undefined })).toBe(false)
  })

  it.each(['localhost', 'localhost:8123', 'LocalHost:1', '127.0.0.1', '127.0.0.1:8123', '[::1]', '[::1]:8123'])(
    'is to this machine: %s',
    (host) => expect(isStudioCall(callWith({ ...HEADERS, host }, HERE))).toBe(true),
  )

  it.each([
    undefined,
    '',
    ':8123',
    'evil.example',
    'evil.example:8123',
    'localhost.evil.example',
    'localhost.',
    'localhost@evil.example',
    'evil.example#localhost',
    'x.localhost',
    '127.0.0.1.nip.io',
    '127.0.0.2',
    '0.0.0.0:8123',
    '[::]',
    '::1',
    'localhost:80:80',
    'localhost:evil',
  ])('is not to a name that may be rebound: %s', (host) => {
    expect(isStudioCall(callWith({ ...HEADERS, host }, HERE))).toBe(false)
  })

  it.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-anything',
    'via',
    'x-real-ip',
    'x-forwarded',
    'x-original-forwarded-for',
    'x-envoy-external-address',
    'x-client-ip',
    'true-client-ip',
    'cf-connecting-ip',
  ])('has not been through a proxy, which %s tells of', (name) => {
    expect(isStudioCall(callWith({ ...HEADERS, [name]: '' }, HERE))).toBe(false)
  })

  it.each([undefined, '', 'LangSmith', 'langsmith, langsmith', 'other'])(
    'has its header, which is not %s',
    (scheme) => {
      expect(isStudioCall(callWith({ ...HEADERS, 'x-auth-scheme': scheme }, HERE))).toBe(false)
    },
  )
})

it('the SDK knows its user', () => {
  const { user, identity, permissions } = STUDIO_CALLER
  expect(isStudioUser(user as unknown as Parameters<typeof isStudioUser>[0])).toBe(true)
  expect({ user, identity, permissions }).toEqual({
    identity: 'langgraph-studio-user',
    permissions: [],
    user: {
      identity: 'langgraph-studio-user',
      display_name: 'langgraph-studio-user',
      kind: 'StudioUser',
      is_authenticated: true,
      permissions: [],
    },
  })
})
