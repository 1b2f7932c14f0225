import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { transportErrorCode } from './transport-error.js'

const withCode = (code: string) => Object.assign(new Error(code), { code })

describe('transportErrorCode', () => {
  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENETUNREACH', 'unreachable'],
    ['EACCES', 'unreachable'],
    ['EPERM', 'unreachable'],
    ['EAFNOSUPPORT', 'unreachable'],
    ['EADDRNOTAVAIL', 'unreachable'],
    ['ECONNRESET', 'reset'],
    ['ECONNABORTED', 'reset'],
    ['EPIPE', 'reset'],
    ['ETIMEDOUT', 'timeout'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['HOSTNAME_MISMATCH', 'tls'],
    ['INVALID_CA', 'tls'],
    ['EPROTO', 'tls'],
    ['CRL_HAS_EXPIRED', 'tls'],
    ['ERROR_IN_CERT_NOT_AFTER_FIELD', 'tls'],
    ['ERR_WEBHOOK_PROXY', 'proxy'],
    ['ERR_UNJUDGED_ADDRESS', 'blocked'],
    ['ESERVFAIL', 'dns'],
    ['ERR_SOCKET_CONNECTION_TIMEOUT', 'timeout'],
    ['EMFILE', 'transport'],
    ['HPE_INVALID_CONSTANT', 'protocol'],
    ['ERR_WHATEVER', 'transport'],
  ])('%s → %s', (code, expected) => expect(transportErrorCode(withCode(code))).toBe(expected))

  it('looks into an attempt on several addresses', () => {
    expect(transportErrorCode(new AggregateError([withCode('ECONNREFUSED')]))).toBe('refused')
  })

  it('takes anything that is thrown', () => expect(transportErrorCode('text')).toBe('transport'))
})
