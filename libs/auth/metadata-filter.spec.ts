import 'reflect-metadata'
import { HTTPException } from '@langchain/langgraph-sdk/auth'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#kernel'
import { isVisible, parseFilter } from './metadata-filter.js'

const A = { op: 'eq', key: 'a', value: 1 }
const B = { op: 'eq', key: 'b', value: 2 }
const SOME = [{ a: 1 }, { b: 2 }]
const json = (text: string) => JSON.parse(text) as JsonObject

describe('a filter', () => {
  it.each<[JsonObject, unknown]>([
    [{}, null],
    [{ a: 1 }, A],
    [{ a: { $eq: 1 } }, A],
    [{ a: null }, { op: 'eq', key: 'a', value: null }],
    [{ a: [1, { $b: 2 }] }, { op: 'eq', key: 'a', value: [1, { $b: 2 }] }],
    [{ a: {} }, { op: 'eq', key: 'a', value: {} }],
    [{ a: { b: { $eq: 1 } } }, { op: 'eq', key: 'a', value: { b: { $eq: 1 } } }],
    [{ a: { $eq: { $eq: 1 } } }, { op: 'eq', key: 'a', value: { $eq: 1 } }],
    [{ a: new Date(0) }, { op: 'eq', key: 'a', value: '1970-01-01T00:00:00.000Z' }],
    [{ a: { $contains: 1 } }, { op: 'contains', key: 'a', values: [1] }],
    [{ a: { $contains: [1, [2]] } }, { op: 'contains', key: 'a', values: [1, [2]] }],
    [{ a: { $contains: [] } }, { op: 'contains', key: 'a', values: [] }],
    [
      { a: 1, b: 2 },
      { op: 'and', parts: [A, B] },
    ],
    [{ $or: SOME }, { op: 'or', parts: [A, B] }],
    [{ $and: SOME }, { op: 'and', parts: [A, B] }],
    [
      { a: 1, $or: SOME },
      { op: 'and', parts: [A, { op: 'or', parts: [A, B] }] },
    ],
    [{ $or: [{ $and: SOME }, { a: 1, b: 2 }] }, { op: 'or', parts: [1, 2].map(() => ({ op: 'and', parts: [A, B] })) }],
    [json('{ "__proto__": 1 }'), { op: 'eq', key: '__proto__', value: 1 }],
  ])('%j is read', (raw, parsed) => {
    expect(parseFilter(raw)).toEqual(parsed)
  })

  it('has its texts as the database holds them', () => {
    expect(parseFilter({ 'a\u0000': ['\uD800', { '\u0000': 1 }] })).toEqual({
      op: 'eq',
      key: 'a\uFFFD',
      value: ['\uFFFD', { '\uFFFD': 1 }],
    })
  })

  it.each<[JsonObject, string]>([
    [{ $not: { a: 1 } }, 'unknown operator $not; one of $or, $and'],
    [{ $eq: 1 }, 'unknown operator $eq'],
    [{ a: { $in: [1] } }, 'a: unknown operator $in; one of $eq, $contains'],
    [{ a: { $or: SOME } }, 'a: unknown operator $or'],
    [{ a: { $EQ: 1 } }, 'a: unknown operator $EQ'],
    [{ a: { $eq: 1, $contains: 1 } }, 'a: one operator at a time'],
    [{ a: { $eq: 1, b: 2 } }, 'a: one operator at a time'],
    [{ a: { b: 2, $eq: 1 } }, 'a: one operator at a time'],
    [{ a: undefined }, 'a: the value is no JSON'],
    [{ a: { $eq: undefined } }, 'a: the value is no JSON'],
    [{ a: { $contains: undefined } }, 'a: the value is no JSON'],
    [{ a: { $contains: [1, undefined] } }, 'a: the value is no JSON'],
    [{ a: () => 1 }, 'a: the value is no JSON'],
    [{ a: Number.NaN }, 'a: the value is no JSON'],
    [{ a: { $contains: [Number.POSITIVE_INFINITY] } }, 'a: the value is no JSON'],
    [{ b: 2, a: undefined }, 'a: the value is no JSON'],
    [{ $or: [{ a: 1 }] }, '$or: takes 2 groups or more'],
    [{ $and: [] }, '$and: takes 2 groups or more'],
    [{ $or: { a: 1, b: 2 } }, '$or: takes 2 groups or more'],
    [{ $or: [{ a: 1 }, {}] }, '$or: each group is an object with a condition'],
    [{ $or: [{ a: 1 }, null] }, '$or: each group is an object with a condition'],
    [{ $or: [{ a: 1 }, [{ b: 2 }]] }, '$or: each group is an object with a condition'],
    [{ $and: [{ a: 1 }, { a: undefined }] }, 'a: the value is no JSON'],
    [{ $or: [{ $and: [{ $or: SOME }, { a: 1 }] }, { b: 2 }] }, '$or: groups may be nested 2 deep'],
  ])('%j is refused', (raw, message) => {
    expect(() => parseFilter(raw)).toThrow(message)
  })

  it.each([
    new Error('no'),
    new HTTPException(403),
    new Map([['a', 1]]),
    new Set(['a']),
    new Date(),
    Response.json({ a: 1 }),
  ])('that is no plain object is refused, since it may restrict nothing: %s', (returned) => {
    expect(() => parseFilter(returned as unknown as JsonObject)).toThrow('no plain object')
  })

  it('has as many conditions as one statement can ask for', () => {
    const owners = (count: number) => ({ $or: Array.from({ length: count }, (_, index) => ({ owner: index })) })
    expect(parseFilter(owners(10_000))).not.toBeNull()
    expect(() => parseFilter(owners(10_001))).toThrow('10001 conditions; a filter has 10000 at most')
    const values = Array.from({ length: 20_000 }, (_, index) => index)
    expect(parseFilter({ team: { $contains: values } })).not.toBeNull()
  })

  it('may come without a prototype', () => {
    expect(parseFilter(Object.assign(Object.create(null) as JsonObject, { a: 1 }))).toEqual(A)
  })
})

describe('what is visible', () => {
  const ANN = { owner: 'ann' }

  it.each<[JsonObject, JsonObject]>([
    [{}, {}],
    [{}, ANN],
    [ANN, { owner: 'ann', more: 1 }],
    [{ owner: null }, { owner: null }],
    [{ owner: 1 }, json('{ "owner": 1.0 }')],
    [{ owner: { a: 1, b: [2] } }, { owner: { b: [2], a: 1 } }],
    [{ owner: { $contains: 'ann' } }, { owner: ['bob', 'ann'] }],
    [{ owner: { $contains: ['ann', 'bob'] } }, { owner: ['bob', 'eve', 'ann'] }],
    [{ owner: { $contains: ['ann', 'ann'] } }, { owner: ['ann'] }],
    [{ owner: { $contains: [['ann']] } }, { owner: [['ann']] }],
    [{ owner: { $contains: [] } }, { owner: [] }],
    [{ owner: { $contains: null } }, { owner: [null] }],
    [{ $or: [ANN, { team: 'red' }] }, { owner: 'bob', team: 'red' }],
    [{ $and: [ANN, { team: 'red' }] }, { owner: 'ann', team: 'red' }],
    [
      { team: 'red', $or: [ANN, { owner: 'bob' }] },
      { owner: 'bob', team: 'red' },
    ],
    [json('{ "__proto__": { "a": 1 } }'), json('{ "__proto__": { "a": 1 } }')],
    [{ 'a\u0000': '\uD800' }, { 'a\uFFFD': '\uFFFD' }],
  ])('by %j: %j', (filter, metadata) => {
    expect(isVisible(parseFilter(filter), metadata)).toBe(true)
  })

  it.each<[JsonObject, JsonObject]>([
    [ANN, {}],
    [ANN, { owner: 'Ann' }],
    [ANN, { owner: ['ann'] }],
    [ANN, { Owner: 'ann' }],
    [ANN, { owner: { owner: 'ann' } }],
    [{ owner: 'ann', team: 'red' }, ANN],
    [{ owner: null }, {}],
    [{ owner: null }, { owner: '' }],
    [{ owner: 1 }, { owner: '1' }],
    [{ owner: 1 }, { owner: true }],
    [{ owner: 0 }, { owner: false }],
    [{ owner: ['ann'] }, { owner: ['ann', 'bob'] }],
    [{ owner: ['ann', 'bob'] }, { owner: ['bob', 'ann'] }],
    [{ owner: {} }, { owner: { a: 1 } }],
    [{ owner: { $contains: 'ann' } }, { owner: 'ann' }],
    [{ owner: { $contains: 'ann' } }, { owner: { ann: 'ann' } }],
    [{ owner: { $contains: 'a' } }, { owner: ['ann'] }],
    [{ owner: { $contains: ['ann', 'eve'] } }, { owner: ['ann', 'bob'] }],
    [{ owner: { $contains: { id: 1 } } }, { owner: [{ id: 1, more: 2 }] }],
    [{ owner: { $contains: 'ann' } }, { owner: [['ann']] }],
    [{ owner: { $contains: [] } }, { owner: 'ann' }],
    [{ owner: { $contains: [] } }, {}],
    [{ $or: [ANN, { team: 'red' }] }, { owner: 'bob', team: 'blue' }],
    [{ $and: [ANN, { team: 'red' }] }, { owner: 'bob', team: 'red' }],
    [
      { team: 'red', $or: [ANN, { owner: 'bob' }] },
      { owner: 'bob', team: 'blue' },
    ],
    [{ constructor: { $eq: null } }, {}],
    [json('{ "__proto__": {} }'), {}],
    [{ toString: 'x' }, {}],
  ])('by %j: not %j', (filter, metadata) => {
    expect(isVisible(parseFilter(filter), metadata)).toBe(false)
  })
})
