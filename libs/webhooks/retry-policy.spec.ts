import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { FakeRandom } from '#testing'
import type { AttemptResult } from './attempt-result.js'
import { parseRetryAfter } from './retry-after.js'
import { classifyOutcome, errorCodeOfStatus, giveUpTime, type OutcomeClass, settleAttempt } from './retry-policy.js'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const SCHEDULE = [5_000, 30_000, 120_000, 600_000]
const FAR = new Date('2026-04-01T00:00:00.000Z')

const RESULT: AttemptResult = {
  startedAt: NOW,
  durationMs: 1,
  httpStatus: null,
  errorCode: null,
  responseBody: null,
  retryAfter: null,
  reason: null,
  isFinal: false,
}

function answered(httpStatus: number, over: Partial<AttemptResult> = {}): AttemptResult {
  const errorCode = errorCodeOfStatus(httpStatus, false)
  return { ...RESULT, httpStatus, errorCode, responseBody: '', ...over }
}

function failed(errorCode: AttemptResult['errorCode'], isFinal = false): AttemptResult {
  return { ...RESULT, errorCode, isFinal }
}

function settle(result: AttemptResult, cycleAttempts: number, giveUpAt = FAR, random = 0.5) {
  return settleAttempt(result, { cycleAttempts, giveUpAt }, SCHEDULE, NOW, new FakeRandom(random))
}

const waitOf = (settlement: ReturnType<typeof settle>) =>
  settlement.nextAttemptAt && settlement.nextAttemptAt.getTime() - NOW.getTime()

describe('classifyOutcome', () => {
  const STATUSES: readonly [number, OutcomeClass][] = [
    [200, 'success'],
    [204, 'success'],
    [299, 'success'],
    [301, 'retry'],
    [304, 'retry'],
    [400, 'limited'],
    [401, 'limited'],
    [404, 'limited'],
    [408, 'retry'],
    [409, 'retry'],
    [410, 'final'],
    [422, 'limited'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [599, 'retry'],
  ]
  it.each(STATUSES)('%i → %s', (status, outcome) => expect(classifyOutcome(answered(status))).toBe(outcome))

  it.each([
    ['dns', 'retry'],
    ['refused', 'retry'],
    ['reset', 'retry'],
    ['tls', 'retry'],
    ['timeout', 'retry'],
    ['transport', 'retry'],
    ['proxy', 'retry'],
    ['blocked', 'limited'],
  ] as const)('%s → %s', (code, outcome) => expect(classifyOutcome(failed(code))).toBe(outcome))

  it('a target whose text is refused is final', () => expect(classifyOutcome(failed('blocked', true))).toBe('final'))

  it('abort-message ends it, except on a success', () => {
    expect(classifyOutcome(answered(503, { errorCode: errorCodeOfStatus(503, true) }))).toBe('final')
    expect(classifyOutcome(answered(200, { errorCode: errorCodeOfStatus(200, true) }))).toBe('success')
  })

  it('names redirects', () => expect(errorCodeOfStatus(302, false)).toBe('redirect'))
})

describe('settleAttempt', () => {
  it('is delivered by any 2xx', () => expect(settle(answered(202), 1).status).toBe('delivered'))

  it('walks the schedule and dies after its last attempt', () => {
    expect([1, 2, 3, 4].map((attempt) => waitOf(settle(answered(500), attempt)))).toEqual(SCHEDULE)
    expect(settle(answered(500), 5).status).toBe('dead')
  })

  it('spreads delays by a fifth either way', () => {
    expect(waitOf(settle(answered(500), 2, FAR, 0))).toBe(24_000)
    expect(waitOf(settle(answered(500), 2, FAR, 0.999999))).toBe(36_000)
  })

  it('gives other statuses and blocked targets three attempts in all', () => {
    for (const result of [answered(404), failed('blocked')]) {
      expect([1, 2, 3].map((attempt) => settle(result, attempt).status)).toEqual(['pending', 'pending', 'dead'])
    }
  })

  it('ends at once on 410 and on a refused text', () => {
    expect(settle(answered(410), 1).status).toBe('dead')
    expect(settle(failed('blocked', true), 1).status).toBe('dead')
  })

  it('waits as long as the receiver asks on 429 and 503, if that is longer, up to a day', () => {
    expect(waitOf(settle(answered(429, { retryAfter: '60' }), 1))).toBe(60_000)
    expect(waitOf(settle(answered(503, { retryAfter: 'Sun, 01 Mar 2026 12:02:00 GMT' }), 1))).toBe(120_000)
    expect(waitOf(settle(answered(503, { retryAfter: '1' }), 1))).toBe(5_000)
    expect(waitOf(settle(answered(503, { retryAfter: '999999999' }), 1))).toBe(86_400_000)
    expect(waitOf(settle(answered(500, { retryAfter: '60' }), 1))).toBe(5_000)
    expect(waitOf(settle(answered(503, { retryAfter: 'soon' }), 1))).toBe(5_000)
  })

  it('never plans an attempt past the last moment', () => {
    const giveUpAt = new Date(NOW.getTime() + 5_000)
    expect(settle(answered(500), 1, giveUpAt).status).toBe('pending')
    expect(settle(answered(500), 1, giveUpAt, 0.6).status).toBe('dead')
  })
})

describe('the last moment', () => {
  it('is a day after the end of the schedule', () => {
    expect(giveUpTime(NOW, [1000, 2000]).getTime() - NOW.getTime()).toBe(3000 + 86_400_000)
  })
})

describe('parseRetryAfter', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['2', 2000],
    ['tomorrow', null],
    ['', null],
  ])('%j → %s', (text, ms) => expect(parseRetryAfter(text, NOW)).toBe(ms))
})
