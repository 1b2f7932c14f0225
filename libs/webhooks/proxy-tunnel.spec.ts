import 'reflect-metadata'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebhookProxy } from '#config'
import { ConnectProxy, Receiver } from '#testing'
import type { HttpPost } from './http-post.js'
import { httpPost, postTo } from './http-post.spec.support.js'
import { transportErrorCode } from './transport-error.js'

const AMBIENT = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'all_proxy'] as const

describe('the webhook proxy', () => {
  let receiver: Receiver
  let proxy: ConnectProxy
  let http: HttpPost
  let before: NodeJS.ProcessEnv

  beforeEach(async () => {
    before = { ...process.env }
    receiver = await Receiver.start()
    proxy = await ConnectProxy.start({ targetPort: receiver.port })
    http = httpPost({ proxy: proxyOf('Basic dXNlcjpwYXNz') })
  })
  afterEach(async () => {
    process.env = before
    http.close()
    await proxy.close()
    await receiver.close()
  })

  function proxyOf(authorization: string | null, port = proxy.port): WebhookProxy {
    return { scheme: 'http', host: '127.0.0.1', port, authorization }
  }

  it('is asked by CONNECT for the judged address, never for the name, and the receiver sees the name', async () => {
    const sent = http.send(postTo(80, { host: 'hooks.example.com', addresses: ['192.0.2.7'] }))
    await expect(sent).resolves.toMatchObject({ status: 200 })
    expect(proxy.asked).toEqual([{ authority: '192.0.2.7:80', authorization: 'Basic dXNlcjpwYXNz' }])
    const [request] = receiver.requests
    expect(request).toMatchObject({ method: 'POST', url: '/hook' })
    expect(request?.headers.host).toBe('hooks.example.com')
    expect(request?.headers['proxy-authorization']).toBeUndefined()
  })

  it('is asked for an IPv6 address in brackets, and without a user where none is configured', async () => {
    const plain = httpPost({ proxy: proxyOf(null) })
    await plain.send(postTo(8080, { host: '2606:4700::1', addresses: ['2606:4700::1'] }))
    expect(proxy.asked).toEqual([{ authority: '[2606:4700::1]:8080', authorization: null }])
    plain.close()
  })

  it('keeps its connections, for the same judged addresses alone', async () => {
    const to = (addresses: string[]) => http.send(postTo(80, { host: 'hooks.example.com', addresses }))
    await to(['192.0.2.7'])
    await to(['192.0.2.7'])
    expect(proxy.asked).toHaveLength(1)
    await to(['192.0.2.8'])
    expect(proxy.asked.map(({ authority }) => authority)).toEqual(['192.0.2.7:80', '192.0.2.8:80'])
  })

  it('is not asked for an address that was not judged', async () => {
    const sent = http.send(postTo(receiver.port, { host: '127.0.0.1', addresses: ['192.0.2.7'] }))
    await expect(sent.catch(transportErrorCode)).resolves.toBe('blocked')
    expect([proxy.asked, receiver.requests]).toEqual([[], []])
  })

  it.each([403, 407, 502])('is a failed attempt when it answers %i, after every address was tried', async (status) => {
    proxy.manner = status
    const sent = http.send(postTo(80, { host: 'hooks.example.com', addresses: ['192.0.2.7', '192.0.2.8'] }))
    await expect(sent.catch(transportErrorCode)).resolves.toBe('proxy')
    expect(proxy.asked.map(({ authority }) => authority)).toEqual(['192.0.2.7:80', '192.0.2.8:80'])
    expect(receiver.requests).toEqual([])
  })

  it('is a failed attempt when it is not there: nothing goes past it', async () => {
    await proxy.close()
    const sent = http.send(postTo(receiver.port))
    await expect(sent.catch(transportErrorCode)).resolves.toBe('proxy')
    expect(receiver.requests).toEqual([])
  })

  it('is left when the attempt ends', async () => {
    proxy.manner = 'hang'
    const cut = new AbortController()
    const sent = http.send(postTo(80, { host: 'hooks.example.com', addresses: ['192.0.2.7'], signal: cut.signal }))
    while (proxy.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    cut.abort()
    await expect(sent).rejects.toThrow()
  })

  it('is the configured one and no other: variables of the environment are not looked at', async () => {
    const ambient = await ConnectProxy.start()
    for (const name of AMBIENT) process.env[name] = `http://127.0.0.1:${ambient.port}`
    delete process.env['NO_PROXY']
    delete process.env['no_proxy']
    const direct = httpPost()
    await direct.send(postTo(receiver.port, { host: 'hooks.example.com' }))
    process.env['NO_PROXY'] = process.env['no_proxy'] = '*'
    await http.send(postTo(80, { host: 'hooks.example.com', addresses: ['192.0.2.7'] }))
    expect(receiver.requests).toHaveLength(2)
    expect(proxy.asked).toHaveLength(1)
    expect([ambient.asked, ambient.others]).toEqual([[], []])
    direct.close()
    await ambient.close()
  })
})
