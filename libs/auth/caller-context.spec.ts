import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { callerOf } from './caller.js'
import { CallerContext } from './caller-context.js'

const context = new CallerContext()
const [ann, bob] = ['ann', 'bob'].map((identity) => callerOf({ identity }))

it('knows nobody outside of work in somebody’s name', () => {
  expect(context.current).toBeNull()
  expect(context.run(ann!, () => context.current)).toBe(ann)
  expect(context.current).toBeNull()
})

it('keeps the names of works that go on at once apart', async () => {
  const work = async () => {
    const seen = [context.current]
    await nextTurn()
    return [...seen, context.current]
  }
  const works = [ann, bob, null].map((caller) => context.run(caller!, work))
  expect(await Promise.all(works)).toEqual([
    [ann, ann],
    [bob, bob],
    [null, null],
  ])
})

it('may work for nobody within', () => {
  expect(context.run(ann!, () => context.run(null, () => context.current))).toBeNull()
})
