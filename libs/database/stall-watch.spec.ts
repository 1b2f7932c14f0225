import { describe, expect, it } from 'vitest'
import { FakeClock } from '#testing'
import { StallWatch } from './stall-watch.js'

function watching(answer: boolean) {
  const clock = new FakeClock()
  const ended: string[] = []
  let asked = 0
  const watch = new StallWatch(clock, () => {
    asked += 1
    return Promise.resolve(answer)
  })
  return { clock, ended, watch, asked: () => asked, send: (name: string) => watch.sent(() => void ended.push(name)) }
}

describe('statements that go unanswered', () => {
  it('are given up once the server answers nobody, and later ones are not', async () => {
    const { clock, ended, send } = watching(false)
    send('first')
    await clock.advance(1_000)
    send('second')
    await clock.advance(500)
    expect(ended).toEqual(['first'])
    await clock.advance(1_500)
    expect(ended).toEqual(['first', 'second'])
    expect(clock.waiting).toBe(0)
  })

  it('are waited for as long as the server answers', async () => {
    const { clock, ended, send, asked } = watching(true)
    const answered = send('slow')
    await clock.advance(60_000)
    expect(ended).toEqual([])
    expect(asked()).toBeGreaterThan(10)
    answered()
    await clock.advance(2_000)
    expect(clock.waiting).toBe(0)
  })

  it('cost no question when they are answered in time', async () => {
    const { clock, send, asked } = watching(false)
    for (let turn = 0; turn < 10; turn += 1) {
      const answered = send('quick')
      await clock.advance(500)
      answered()
    }
    expect(asked()).toBe(0)
  })
})
