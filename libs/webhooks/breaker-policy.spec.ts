import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { AttemptErrorCode } from './attempt-result.js'
import { judgeHost, nextProbeDelay } from './breaker-policy.js'

describe('the verdict on a host', () => {
  it.each([429, 502, 503, 504])('counts %i against it', (httpStatus) => {
    expect(judgeHost({ httpStatus, errorCode: 'status' })).toBe('failing')
  })

  it.each([200, 204, 301, 400, 404, 408, 410, 500, 501])('counts %i for it', (httpStatus) => {
    expect(judgeHost({ httpStatus, errorCode: null })).toBe('answering')
  })

  it.each<AttemptErrorCode>(['dns', 'refused', 'reset', 'tls', 'timeout', 'unreachable', 'protocol', 'transport'])(
    'counts %s against it',
    (errorCode) => {
      expect(judgeHost({ httpStatus: null, errorCode })).toBe('failing')
    },
  )

  it.each<AttemptErrorCode>(['blocked', 'proxy'])('leaves out %s', (errorCode) => {
    expect(judgeHost({ httpStatus: null, errorCode })).toBe('none')
  })
})

it('doubles the wait before a probe, from a second to five minutes', () => {
  const delays = [nextProbeDelay(null)]
  for (let n = 0; n < 9; n += 1) delays.push(nextProbeDelay(delays.at(-1) ?? null))
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000])
})
