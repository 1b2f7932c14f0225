import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { HostSlots } from './host-slots.js'

/** Slots of which so many are taken by each host. */
function taken(limit: number, perHost: number, open: Readonly<Record<string, number>>): HostSlots {
  const slots = new HostSlots(limit, perHost)
  for (const [host, count] of Object.entries(open)) for (let n = 0; n < count; n += 1) slots.take(host)
  return slots
}

describe('HostSlots', () => {
  it('gives a host no more than its limit', () => {
    expect(taken(128, 16, { a: 15 }).admits('a', 1)).toBe(true)
    expect(taken(128, 16, { a: 16 }).admits('a', 1)).toBe(false)
  })

  it('gives a host no more than its share while others wait, and one at least', () => {
    expect(taken(128, 16, { a: 9 }).admits('a', 12)).toBe(true)
    expect(taken(128, 16, { a: 10 }).admits('a', 12)).toBe(false)
    expect(taken(128, 16, { a: 1 }).admits('a', 500)).toBe(false)
    expect(taken(128, 16, {}).admits('a', 500)).toBe(true)
  })

  it('keeps the last slots for hosts that have none', () => {
    const hosts = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`h${n}`, 16]))
    const slots = taken(128, 16, { ...hosts, late: 1 })
    expect([slots.total, slots.admits('late', 8), slots.admits('new', 8)]).toEqual([113, false, true])
  })

  it('gives nobody more than there is', () => {
    expect(taken(2, 2, { a: 1, b: 1 }).admits('c', 3)).toBe(false)
  })

  it('forgets hosts without open requests', () => {
    const slots = taken(3, 2, { a: 1 })
    slots.release('a')
    expect([[...slots.hosts], slots.total, slots.count('a')]).toEqual([[], 0, 0])
  })
})
