import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { execute, parse, row, say, serve } from './executor.spec.support.js'

describe('values that JSON does not know', () => {
  const give = (extra: unknown) => row({ a: () => ({ extra }), b: say('B') })

  it.each([
    ['a bigint', { n: 12n }, { n: '12' }],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an error', new TypeError('bad'), { error: 'TypeError', message: 'bad' }],
    ['undefined inside', { gone: undefined, list: [undefined] }, { list: [null] }],
    ['U+0000 and a lone surrogate', 'a\u0000b\ud800', 'a\uFFFDb\uFFFD'],
  ])('%s', async (_name, extra, written) => {
    const { outcome } = await execute((await serve(give(extra))).executor, { input: { text: '' } })
    expect(outcome.error).toBeNull()
    expect(parse(outcome.lastValuesJson)).toEqual({ text: 'B', extra: written })
    expect(outcome.state?.valuesJson).toBe(outcome.lastValuesJson)
  })

  it('a circle is cut, once per level and not at shared objects', async () => {
    const shared = { k: 1 }
    const circle: Record<string, unknown> = { one: shared, two: shared }
    circle['self'] = circle
    const { outcome } = await execute((await serve(give(circle))).executor, { input: { text: '' } })
    expect(parse(outcome.lastValuesJson)).toEqual({
      text: 'B',
      extra: { one: { k: 1 }, two: { k: 1 }, self: '[Circular]' },
    })
  })

  it.each([['values'], ['updates']] as const)('a value that refuses to be written: error (%s)', async (mode) => {
    const refuses = {
      toJSON() {
        throw new RangeError('no')
      },
    }
    const { executor } = await serve(give(refuses))
    const { outcome } = await execute(executor, { input: { text: '' }, streamModes: [mode] })
    expect(outcome).toMatchObject({ status: 'error', error: { error: 'RangeError', message: 'no' } })
  })
})
