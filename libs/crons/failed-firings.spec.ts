import 'reflect-metadata'
import { expect, it } from 'vitest'
import { FailedFirings } from './failed-firings.js'

const START = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number) => new Date(START + seconds * 1_000)
const occurrence = (cronId: string, seconds = 0) => ({ cronId, dueAt: at(seconds) })

/** How long each failure keeps the cron waiting, in s. */
function waits(failed: FailedFirings, count: number): number[] {
  let now = START
  return Array.from({ length: count }, () => {
    failed.note(occurrence('a'), new Date(now))
    const retryAt = failed.waiting(new Date(now))[0]?.retryAt ?? Infinity
    const waitMs = retryAt - now
    now = retryAt
    return waitMs / 1_000
  })
}

it('waits twice as long after each failure of an occurrence, up to a minute', () => {
  const failed = new FailedFirings(10)
  expect(waits(failed, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  failed.note(occurrence('a', 60), at(0))
  expect(failed.waiting(at(0.999))).toHaveLength(1)
  expect(failed.waiting(at(1))).toEqual([])
})

it('still knows one that is tried again a little after its time', () => {
  const failed = new FailedFirings(10)
  failed.note(occurrence('a'), at(0))
  expect(failed.waiting(at(1.5))).toEqual([])
  failed.note(occurrence('a'), at(1.5))
  expect(failed.waiting(at(3.4))).toHaveLength(1)
})

it('begins anew after a success', () => {
  const failed = new FailedFirings(10)
  waits(failed, 5)
  failed.forget(occurrence('a'))
  expect(waits(failed, 2)).toEqual([1, 2])
})

it('knows no more than there is room for, and makes room for others when one is not tried again', () => {
  const failed = new FailedFirings(2)
  expect(['a', 'b', 'c', 'a'].map((cronId) => failed.note(occurrence(cronId), at(0)))).toEqual([
    true,
    true,
    false,
    true,
  ])
  expect(failed.size).toBe(2)
  failed.waiting(at(63))
  expect(failed.size).toBe(0)
})
