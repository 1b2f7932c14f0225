import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import type { ClaimedDelivery } from './claimed-delivery.js'
import { HostSlots } from './host-slots.js'
import { WaitingLine } from './waiting-line.js'

/** The next delivery of this host, whose id tells which it is. */
function waiting(hostKey: string, deliveryId: string): ClaimedDelivery {
  const ids = { deliveryId, runId: 'r', url: 'https://example.com/' }
  const counts = { attempts: 1, cycleAttempts: 1, giveUpAt: new Date(0), probeDelayMs: null }
  return { ...ids, ...counts, hostKey, threadStatus: 'idle', body: null }
}

describe('the waiting line', () => {
  it.each([
    ['last', { a: 3, b: 2, c: 1 }, 'c'],
    ['first', { a: 1, b: 2, c: 3 }, 'a'],
    ['in the middle', { a: 2, b: 1, c: 2 }, 'b'],
    ['as one with nothing open', { a: 1, b: 0, c: 1 }, 'b'],
  ])('gives a free slot to the host with the fewest open, standing %s', (_where, open, chosen) => {
    const slots = new HostSlots(128, 16)
    const line = new WaitingLine()
    for (const [host, count] of Object.entries(open)) {
      for (let n = 0; n < count; n += 1) slots.take(host)
      line.add(waiting(host, host))
    }
    expect(line.next(slots)?.hostKey).toBe(chosen)
  })

  it('evens out what the hosts have open, the oldest of each first', () => {
    const slots = new HostSlots(128, 16)
    const line = new WaitingLine()
    for (const id of ['a1', 'a2', 'a3', 'b1', 'b2']) line.add(waiting(id.slice(0, 1), id))
    const sent: string[] = []
    for (let next = line.next(slots); next !== null; next = line.next(slots)) {
      slots.take(next.hostKey)
      sent.push(next.deliveryId)
    }
    expect([sent, line.size]).toEqual([['a1', 'b1', 'a2', 'b2', 'a3'], 0])
  })

  it('passes over a host that may have no more', () => {
    const slots = new HostSlots(128, 1)
    const line = new WaitingLine()
    for (const id of ['a1', 'b1']) line.add(waiting(id.slice(0, 1), id))
    slots.take('a')
    expect(line.next(slots)?.deliveryId).toBe('b1')
    slots.take('b')
    expect([line.next(slots), line.size]).toEqual([null, 1])
  })
})
