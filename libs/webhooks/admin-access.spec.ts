import 'reflect-metadata'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { judgeAdmin } from './admin-access.js'

function judge(
  adminKey: string | null,
  mode: 'dev' | 'start',
  headers: IncomingHttpHeaders,
  remoteAddress = '127.0.0.1',
) {
  const judgement = judgeAdmin({ headers, remoteAddress }, { adminKey, mode })
  return judgement.ok ? 'allowed' : judgement.status
}

describe('with an admin key', () => {
  it.each([
    [{ authorization: 'Bearer secret' }, 'allowed'],
    [{ 'x-admin-key': 'secret' }, 'allowed'],
    [{ authorization: 'Bearer wrong', 'x-admin-key': 'secret' }, 'allowed'],
    [{ authorization: 'Bearer wrong' }, 401],
    [{ authorization: 'secret' }, 401],
    [{ 'x-admin-key': '' }, 401],
    [{ host: 'localhost' }, 401],
  ])('%j → %s, in every mode', (headers, answer) => {
    expect(judge('secret', 'start', headers)).toBe(answer)
    expect(judge('secret', 'dev', headers)).toBe(answer)
  })
})

describe('without an admin key', () => {
  it('is closed in production, saying what to set', () => {
    const request = { headers: { host: 'localhost' }, remoteAddress: '127.0.0.1' }
    expect(judgeAdmin(request, { adminKey: null, mode: 'start' })).toMatchObject({
      status: 403,
      detail: expect.stringContaining('SIGNALBOX_ADMIN_KEY') as string,
    })
  })

  it.each([
    [{ host: 'localhost:8123' }, '127.0.0.1', 'allowed'],
    [{ host: '127.0.0.1:8123' }, '::ffff:127.0.0.1', 'allowed'],
    [{ host: '[::1]:8123' }, '::1', 'allowed'],
    [{ host: 'localhost:8123', origin: 'http://localhost:8123' }, '127.0.0.1', 'allowed'],
    [{ host: 'localhost:8123', origin: 'http://localhost:3000' }, '127.0.0.1', 403],
    [{ host: 'localhost:8123', origin: 'https://evil.com' }, '127.0.0.1', 403],
    [{ host: 'localhost:8123', origin: 'null' }, '127.0.0.1', 403],
    [{ host: 'rebound.evil.com' }, '127.0.0.1', 403],
    [{ host: 'localhost.evil.com' }, '127.0.0.1', 403],
    [{ host: 'localhost' }, '192.168.1.7', 403],
    [{ host: 'localhost', forwarded: 'for=1.2.3.4' }, '127.0.0.1', 403],
    [{ host: 'localhost', 'x-forwarded-for': '1.2.3.4' }, '127.0.0.1', 403],
    [{ host: 'localhost', 'webhook-id': 'x' }, '127.0.0.1', 403],
    [{}, '127.0.0.1', 403],
  ])('in development %j from %s → %s', (headers, remoteAddress, answer) => {
    expect(judge(null, 'dev', headers, remoteAddress)).toBe(answer)
  })
})
