import 'reflect-metadata'
import { describe, expect, it, vi } from 'vitest'
import { judgeUrlText, NOT_ALLOWED, type UrlRefusal } from './url-text-policy.js'
import { webhookSettings, type WebhookSettingsChange } from './webhook-settings.spec.support.js'

const judge = (webhook: string, change: WebhookSettingsChange = {}) => judgeUrlText(webhook, webhookSettings(change))

function refusalOf(webhook: string, change: WebhookSettingsChange = {}): UrlRefusal {
  const judgement = judge(webhook, change)
  if (judgement.ok) throw new Error(`${webhook} was accepted`)
  return judgement
}

describe('the text of a webhook', () => {
  it.each([
    '',
    'example.com',
    'ftp://example.com/',
    'http:/example.com',
    'http:///example.com',
    'http:/\\example.com',
    'http://\\example.com',
    '//example.com',
    '/\\example.com',
    ' http://example.com',
    'http://exa mple.com/',
    'http://example.com/a b',
    'http://example.com/\u0000',
    'http://example.com/\n',
    'http://exam\tple.com/',
    'http://example.com/\u007f',
    'http://example.com\\@evil.com/',
    'http://user@example.com/',
    'http://user:pass@example.com/',
    'http://@example.com/',
    // Line separators end a line for a regular expression, and are part of a path for a URL.
    'http://user:pass@example.com/\u2028',
    'http://user@example.com/\u2029x',
    'http://a..example.com/',
    'http://.example.com/',
    'http://example.com../',
    'http://example.com:0/',
    'http://example.com:99999/',
    'http://[::1/',
    'http://',
    'http://1.2.3.4.5/',
    // No name server could ever answer for these (RFC 1035, 2.3.4), and a row would not take the longest.
    `http://${'a'.repeat(64)}.example/`,
    `http://a.${'日月火水'.repeat(12)}.example/`,
    `http://${'a.'.repeat(124)}example/`,
    `http://${'日本.'.repeat(670)}example/`,
  ])('refuses %j', (webhook) => {
    const refusal = refusalOf(webhook)
    expect(refusal.rule).toBe('text')
    expect(refusal.detail).toMatch(/^webhook: /)
  })

  it.each([
    ['http://Example.COM', 'example.com', 80, '/', 'http://example.com:80'],
    ['HTTPS://example.com./x', 'example.com', 443, '/x', 'https://example.com:443'],
    ['https://example.com:8443?token=a%20b', 'example.com', 8443, '/?token=a%20b', 'https://example.com:8443'],
    ['http://example.com/a/../b//c?x=%zz&y=\'"<>{}#frag', 'example.com', 80, '/a/../b//c?x=%zz&y=\'"<>{}', null],
    ['http://example.com/ü?q=日#x', 'example.com', 80, '/%C3%BC?q=%E6%97%A5', null],
    ['http://example.com/a\u2028b', 'example.com', 80, '/a%E2%80%A8b', null],
    ['http://bücher.example/', 'xn--bcher-kva.example', 80, '/', null],
    ['http://[2606:4700::1]:81/', '2606:4700::1', 81, '/', 'http://[2606:4700::1]:81'],
    ['http://0x08.8.2056/', '8.8.8.8', 80, '/', null],
    [`http://${'a'.repeat(63)}.example./`, `${'a'.repeat(63)}.example`, 80, '/', null],
    [`http://${'a.'.repeat(123)}example/`, `${'a.'.repeat(123)}example`, 80, '/', null],
  ])('reads %s', (webhook, host, port, requestPath, hostKey) => {
    const target = { host, port, requestPath, ...(hostKey && { hostKey }) }
    expect(judge(webhook)).toMatchObject({ ok: true, target: { kind: 'url', ...target } })
  })

  it('counts characters, not UTF-16 units, before anything else', () => {
    const change = { url: { maxUrlLength: 21 } }
    expect(judge(`http://example.com/${'😀'.repeat(2)}`, change).ok).toBe(true)
    expect(refusalOf(`http://example.com/${'😀'.repeat(3)}`, change)).toMatchObject({ rule: 'length' })
    expect(refusalOf('ftp://far.too.long.example', change).detail).toContain('webhooks.url.max_url_length')
  })

  it('does not count what is too long in any case', () => {
    const longest = '😀'.repeat(5 * 1024 * 1024)
    const counting = vi.spyOn(Array, 'from')
    const refused = refusalOf(`http://a/${longest}`)
    const { length: counted } = counting.mock.calls
    counting.mockRestore()
    expect([refused.rule, counted]).toEqual(['length', 0])
  })
})

describe('a path', () => {
  it.each([
    ['/hooks/a', 'path'],
    ['/inspector', 'path'],
    ['/inspector/', 'path'],
    ['/inspectors/box', 'path'],
    ['/inspector/box', 'path:/inspector/box'],
    ['/inspector/box/below?status=500#x', 'path:/inspector/box'],
    ['/inspector/box?status=500', 'path:/inspector/box'],
    // No index takes keys of any length.
    [`/inspector/${'x'.repeat(101)}`, 'path'],
    [`/inspector/${'日'.repeat(40)}`, 'path'],
  ])('%s counts as the host %s where there is an inspector', (webhook, hostKey) => {
    expect(judge(webhook, { inspector: true })).toMatchObject({ ok: true, target: { hostKey } })
    expect(judge(webhook, { inspector: false })).toMatchObject({ ok: true, target: { hostKey: 'path' } })
  })
})

describe('configured rules', () => {
  const domains = { url: { allowedDomains: ['*.mycompany.com', 'api.trusted.com'] } }

  it.each(['https://a.mycompany.com/', 'https://a.b.MyCompany.com./', 'https://api.trusted.com/'])(
    'lists %s',
    (url) => {
      expect(judge(url, domains).ok).toBe(true)
    },
  )

  it.each(['https://mycompany.com/', 'https://evilmycompany.com/', 'https://x.api.trusted.com/', 'https://1.1.1.1/'])(
    'does not list %s',
    (url) => expect(refusalOf(url, domains)).toMatchObject({ rule: 'domains' }),
  )

  it.each([
    ['http://example.com/', { url: { requireHttps: true } }, 'webhooks.url.require_https'],
    ['http://example.com/', { url: { allowedPorts: [443] } }, 'port 80 is not allowed (webhooks.url.allowed_ports)'],
    ['http://example.com:6667/', {}, 'port 6667'],
    ['http://localhost/', { url: { disableLoopback: true }, allowPrivateNetworks: true }, 'disable_loopback'],
    ['http://127.0.0.1/', { url: { disableLoopback: true }, allowPrivateNetworks: true }, 'disable_loopback'],
    ['http://[::ffff:7f00:1]/', { url: { disableLoopback: true }, allowPrivateNetworks: true }, 'disable_loopback'],
    ['/hook', { url: { disableLoopback: true } }, 'disable_loopback'],
    ['https://other.com/', domains, 'webhooks.url.allowed_domains'],
  ])('%s is refused by name', (url, change: WebhookSettingsChange, part) => {
    expect(refusalOf(url, change).detail).toContain(part)
  })

  it('an IPv6 address is listed as a URL writes it, in brackets', () => {
    const change = { url: { allowedDomains: ['[2606:4700::1]'] } }
    expect(judge('http://[2606:4700:0::1]/', change).ok).toBe(true)
    expect(refusalOf('http://[2606:4700::2]/', change)).toMatchObject({ rule: 'domains' })
  })

  it.each(['https://example.com/', 'https://example.com:443/', 'http://example.com:443/'])(
    'port 443 is listed, named or not: %s',
    (url) => expect(judge(url, { url: { allowedPorts: [443] } }).ok).toBe(true),
  )

  it.each(['http://localhost/', 'http://a.localhost./', 'http://127.0.0.1/', 'http://[::1]/', '/hook'])(
    'disable_loopback beats the allow-list: %s',
    (url) => {
      const allowedTargets = [
        ...['localhost', 'a.localhost'].map((host) => ({ kind: 'host', host }) as const),
        { kind: 'cidr', address: '127.0.0.0', prefixLength: 8 },
        { kind: 'cidr', address: '::1', prefixLength: 128 },
      ] as const
      expect(judge(url, { allowedTargets }).ok).toBe(true)
      expect(refusalOf(url, { allowedTargets, url: { disableLoopback: true } })).toMatchObject({ rule: 'loopback' })
    },
  )

  it('a listed bad port is open', () => {
    expect(judge('http://example.com:25/', { url: { allowedPorts: [25] } }).ok).toBe(true)
  })

  it('never opens a private address by allowed_domains', () => {
    expect(refusalOf('http://10.0.0.1/', { url: { allowedDomains: ['10.0.0.1'] } }).detail).toBe(NOT_ALLOWED)
  })
})

describe('targets that are not public', () => {
  const PRIVATE = [
    'http://localhost/',
    'http://foo.localhost/',
    'http://intranet/',
    'http://printer.local/',
    'http://box.localdomain/',
    'http://metadata.google.internal/',
    'http://nas.home.arpa/',
    'http://api.default.svc/',
    'http://api.default.svc.cluster.local/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://127.0.0.1./',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://10.0.0.1/',
    'http://①②⑦.⓪.⓪.①/',
  ]

  it.each(PRIVATE)('%s is refused in production, without saying why', (url) => {
    expect(refusalOf(url)).toMatchObject({ rule: 'not_public', detail: NOT_ALLOWED })
  })

  it.each(PRIVATE)('%s is open in development', (url) =>
    expect(judge(url, { allowPrivateNetworks: true }).ok).toBe(true),
  )

  it.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://0/', 'http://[::]/'])(
    '%s is open nowhere',
    (url) => expect(refusalOf(url, { allowPrivateNetworks: true }).detail).toBe(NOT_ALLOWED),
  )

  it('an allow-listed host is open, its neighbours are not', () => {
    const change: WebhookSettingsChange = { allowedTargets: [{ kind: 'host', host: 'hooks.internal' }] }
    expect(judge('http://hooks.internal/', change).ok).toBe(true)
    expect(judge('http://other.internal/', change).ok).toBe(false)
  })
})

describe('a path', () => {
  it('is kept byte for byte without its fragment, judged by length and disable_loopback only', () => {
    const change = { url: { requireHttps: true, allowedDomains: ['x.com'], allowedPorts: [443] } }
    expect(judge('/hooks/a?token=1#x', change)).toEqual({
      ok: true,
      target: { kind: 'path', path: '/hooks/a?token=1', hostKey: 'path' },
    })
  })
})
