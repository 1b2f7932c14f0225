import 'reflect-metadata'
import { expect, it } from 'vitest'
import { readWebhooksBlock as read } from './webhooks.spec.support.js'

it.each([
  [['Example.COM'], ['example.com']],
  [['example.com.'], ['example.com']],
  [['*.Example.com.'], ['*.example.com']],
  [
    ['bücher.de', '*.BÜCHER.de'],
    ['xn--bcher-kva.de', '*.xn--bcher-kva.de'],
  ],
  [['ｅxample.com'], ['example.com']],
  [
    ['10.0.0.1', '[2001:DB8:0::1]'],
    ['10.0.0.1', '[2001:db8::1]'],
  ],
  [['a.com', 'A.com.'], ['a.com']],
  [
    ['localhost', 'my_host.internal'],
    ['localhost', 'my_host.internal'],
  ],
])('normalises allowed_domains %j', (entries, expected) => {
  const { webhooks, faults } = read({ url: { allowed_domains: entries } })
  expect(faults).toEqual([])
  expect(webhooks.url.allowedDomains).toEqual(expected)
})

it.each([
  ['*', 'is "*", which would allow every host'],
  ['*.', 'is empty'],
  ['*.*', 'is "*", which would allow every host'],
  ['', 'is empty'],
  ['a.*.com', 'has a "*" elsewhere than in front ("*.suffix")'],
  ['*a.com', 'has a "*" elsewhere than in front ("*.suffix")'],
  ['*.*.com', 'has a "*" elsewhere than in front ("*.suffix")'],
  ['https://a.com', 'has a scheme'],
  ['a.com/', 'has a path'],
  ['a.com/x', 'has a path'],
  ['a.com\\x', 'has a path'],
  ['a.com?x', 'has a path'],
  ['a.com:443', 'has a port (an IPv6 address stands in brackets)'],
  ['2001:db8::1', 'has a port (an IPv6 address stands in brackets)'],
  ['[::1]:80', 'has a port (an IPv6 address stands in brackets)'],
  ['u@a.com', 'is not a host'],
  ['a .com', 'is not a host'],
  ['a.com\n', 'is not a host'],
  ['%61.com', 'is not a host'],
  ['a..com', 'is not a host'],
  ['.a.com', 'is not a host'],
  ['a.com..', 'is not a host'],
  ['a,b.com', 'is not a host'],
  ['[::g]', 'has a port (an IPv6 address stands in brackets)'],
  ['*.10.0.0.1', 'puts "*." before an address'],
  ['*.[::1]', 'puts "*." before an address'],
])('refuses %j in allowed_domains', (entry, problem) => {
  expect(read({ url: { allowed_domains: ['ok.com', entry] } }).faults).toEqual([
    `file: webhooks.url.allowed_domains[1] ${problem}`,
  ])
})

it.each([
  [{ allowed_domains: [] }, 'allowed_domains is empty, which would refuse every host'],
  [{ allowed_domains: 'a.com' }, 'allowed_domains must be a list of strings'],
  [{ allowed_domains: [5] }, 'allowed_domains must be a list of strings'],
  [{ allowed_domains: null }, 'allowed_domains must be a list of strings'],
  [{ allowed_ports: [] }, 'allowed_ports must be a list of at least one port from 1 to 65535'],
  [{ allowed_ports: [0] }, 'allowed_ports must be a list of at least one port from 1 to 65535'],
  [{ allowed_ports: [65_536] }, 'allowed_ports must be a list of at least one port from 1 to 65535'],
  [{ allowed_ports: ['443'] }, 'allowed_ports must be a list of at least one port from 1 to 65535'],
  [{ allowed_ports: [443.5] }, 'allowed_ports must be a list of at least one port from 1 to 65535'],
  [{ allowed_ports: null }, 'allowed_ports must be a list of at least one port from 1 to 65535'],
  [{ require_https: 'true' }, 'require_https must be a boolean'],
  [{ disable_loopback: 1 }, 'disable_loopback must be a boolean'],
  [{ max_url_length: 0 }, 'max_url_length must be a whole number of characters, 1 or more'],
  [{ max_url_length: 1.5 }, 'max_url_length must be a whole number of characters, 1 or more'],
  [{ max_url_length: '5' }, 'max_url_length must be a number'],
])('refuses %j', (url, expected) => {
  expect(read({ url }).faults).toEqual([`file: webhooks.url.${expected}`])
})

it('reads every key', () => {
  const url = {
    allowed_domains: ['*.a.com'],
    require_https: true,
    allowed_ports: [443, 8443, 443],
    disable_loopback: true,
    max_url_length: 100,
  }
  expect(read({ url }).webhooks.url).toEqual({
    allowedDomains: ['*.a.com'],
    requireHttps: true,
    allowedPorts: [443, 8443],
    disableLoopback: true,
    maxUrlLength: 100,
  })
})
