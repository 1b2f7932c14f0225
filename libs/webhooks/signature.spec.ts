import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { keysForHost, signWebhook, verifySignature } from './signature.js'

const keys = [randomBytes(24), randomBytes(32)] as const
const body = Buffer.from('{"status":"success","emoji":"😀"}')
const content = { id: 'msg-1', timestamp: String(Math.floor(Date.now() / 1000)), body }

function headersWith(signature: string) {
  return { 'webhook-id': content.id, 'webhook-timestamp': content.timestamp, 'webhook-signature': signature }
}

describe('signWebhook', () => {
  it.each([0, 1])('is verified by the official library, with secret %i of two', (index) => {
    const official = new Webhook(`whsec_${(keys[index] ?? keys[0]).toString('base64')}`)
    expect(official.verify(body.toString(), headersWith(signWebhook(content, keys)))).toMatchObject({
      status: 'success',
    })
  })

  it('is refused by the official library for another secret', () => {
    const official = new Webhook(`whsec_${randomBytes(24).toString('base64')}`)
    expect(() => official.verify(body.toString(), headersWith(signWebhook(content, keys)))).toThrow()
  })
})

describe('verifySignature', () => {
  it('takes what the official library signed', () => {
    const official = new Webhook(`whsec_${keys[1].toString('base64')}`)
    const signature = official.sign(content.id, new Date(Number(content.timestamp) * 1000), body.toString())
    expect(verifySignature(content, signature, keys)).toBe(true)
  })

  it('refuses a changed body, another key and rubbish', () => {
    const signature = signWebhook(content, [keys[0]])
    expect(verifySignature({ ...content, body: Buffer.from('{}') }, signature, keys)).toBe(false)
    expect(verifySignature(content, signature, [keys[1]])).toBe(false)
    expect(verifySignature(content, 'v1,, v2,abc rubbish', keys)).toBe(false)
  })
})

describe('keysForHost', () => {
  const key = (name: string) => Buffer.from(name)
  const secrets = [
    { host: null, key: key('general new') },
    { host: '*.b.com', key: key('suffix') },
    { host: '*.a.b.com', key: key('closer suffix') },
    { host: 'x.a.b.com', key: key('exact new') },
    { host: 'x.a.b.com', key: key('exact old') },
    { host: null, key: key('general old') },
    { host: '[2606:4700::1]', key: key('address') },
  ]
  it.each([
    ['elsewhere.com', ['general new', 'general old']],
    ['b.com', ['general new', 'general old']],
    ['y.b.com', ['suffix']],
    ['y.a.b.com', ['closer suffix']],
    ['x.a.b.com', ['exact new', 'exact old']],
    ['2606:4700::1', ['address']],
    [null, ['general new', 'general old']],
  ])('%s is signed for with %j', (host, names) => {
    expect(keysForHost(host, secrets).map(String)).toEqual(names)
  })
})
