import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { HostSlots } from './host-slots.js'

describe('HostSlots', () => {
  it('is tight when one host is full, and when all slots are taken', () => {
    const slots = new HostSlots(3, 2)
    slots.take('a')
    expect([slots.free, slots.isTight]).toEqual([2, false])
    slots.take('a')
    expect([slots.free, slots.isTight]).toEqual([1, true])
    slots.release('a')
    slots.take('b')
    slots.take('c')
    expect([slots.free, slots.isTight]).toEqual([0, true])
  })

  it('forgets hosts without open requests', () => {
    const slots = new HostSlots(3, 2)
    slots.take('a')
    slots.release('a')
    expect([...slots.open]).toEqual([])
    expect(slots.free).toBe(3)
  })
})
