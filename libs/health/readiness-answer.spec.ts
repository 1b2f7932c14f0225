import { expect, it } from 'vitest'
import { readinessAnswer } from './readiness-answer.js'

const NONE = new Set<string>()

it('is ready when nothing is in the way', () => {
  expect(readinessAnswer(null, { database: null, redis: null }, NONE)).toEqual({
    ok: true,
    parts: { database: 'up', redis: 'up' },
  })
})

it('names every part that is away, beside those that are not', () => {
  expect(readinessAnswer(null, { database: null, redis: 'failed to answer' }, NONE)).toEqual({
    ok: false,
    detail: 'Not ready: redis failed to answer',
    parts: { database: 'up', redis: 'failed to answer' },
  })
})

it('tells of the process and of its parts at once', () => {
  expect(readinessAnswer('the server is stopping', { database: 'failed to answer' }, NONE).detail).toBe(
    'Not ready: the server is stopping; database failed to answer',
  )
})

it('stays ready without a part that it can do without, and names it', () => {
  expect(readinessAnswer(null, { database: null, redis: 'is away' }, new Set(['redis']))).toEqual({
    ok: true,
    parts: { database: 'up', redis: 'is away' },
  })
})
