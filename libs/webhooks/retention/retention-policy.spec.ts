import 'reflect-metadata'
import { expect, it } from 'vitest'
import { retentionCutoffs } from './retention-policy.js'

const DAY_MS = 24 * 3_600_000
const NOW = new Date('2026-03-31T12:00:00.000Z')

it.each([
  [30, 7, 30],
  [90, 7, 30],
  [10, 7, 10],
  [1, 1, 1],
])('keeps deliveries %i days, bodies %i and those of the dead %i', (days, settled, dead) => {
  const before = (count: number) => new Date(NOW.getTime() - count * DAY_MS)
  expect(retentionCutoffs(NOW, days * DAY_MS)).toEqual({
    settledBodies: before(settled),
    deadBodies: before(dead),
    rows: before(days),
  })
})
