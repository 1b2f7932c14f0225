import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { buildRequestHeaders } from './request-headers.js'
import { verifySignature } from './signature.js'

const key = Buffer.alloc(24, 7)
const source = {
  content: { id: 'd-1', timestamp: '1772366400', body: Buffer.from('{}') },
  attempt: 3,
  threadStatus: 'interrupted',
  keys: [],
  configured: [],
  version: '1.2.3',
} as const

describe('buildRequestHeaders', () => {
  it('names the delivery, the attempt and the thread status, unsigned without a secret', () => {
    expect(buildRequestHeaders(source)).toEqual({
      'user-agent': 'signalbox/1.2.3',
      accept: 'application/json, text/plain, */*',
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'webhook-id': 'd-1',
      'webhook-timestamp': '1772366400',
      'x-signalbox-attempt': '3',
      'x-signalbox-thread-status': 'interrupted',
    })
  })

  it('signs when there are keys', () => {
    const { 'webhook-signature': signature = '' } = buildRequestHeaders({ ...source, keys: [key] })
    expect(verifySignature(source.content, signature, [key])).toBe(true)
  })

  it('adds what is configured; it may name its own user agent but never unmake ours', () => {
    const configured = [
      { name: 'X-Environment', value: 'production', filled: [] },
      { name: 'User-Agent', value: 'acme', filled: [] },
      { name: 'Accept', value: 'text/plain', filled: [] },
      { name: 'Accept-Encoding', value: 'gzip', filled: [] },
    ]
    expect(buildRequestHeaders({ ...source, configured })).toMatchObject({
      'x-environment': 'production',
      'user-agent': 'acme',
      accept: 'text/plain',
      'accept-encoding': 'identity',
    })
  })
})
