import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '#testing'
import { WakeSignal } from './wake-signal.js'

describe('WakeSignal', () => {
  it('sleeps until its time', async () => {
    const clock = new FakeClock()
    let awake = false
    const slept = new WakeSignal(clock).sleep(1000).then(() => (awake = true))
    await clock.advance(999)
    expect(awake).toBe(false)
    await clock.advance(1)
    expect(await slept).toBe(true)
  })

  it('is woken at once, leaving no timer behind', async () => {
    const clock = new FakeClock()
    const signal = new WakeSignal(clock)
    const slept = signal.sleep(1000)
    signal.wake()
    await slept
    expect(clock.waiting).toBe(0)
  })

  it('remembers one wake-up that came while awake', async () => {
    const clock = new FakeClock()
    const signal = new WakeSignal(clock)
    signal.wake()
    signal.wake()
    await signal.sleep(1000)
    void signal.sleep(1000)
    expect(clock.waiting).toBe(1)
  })
})
