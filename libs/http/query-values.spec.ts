import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { parseBooleanQuery, parseIntegerQuery, parseListQuery } from './query-values.js'

describe('parseBooleanQuery', () => {
  it.each(['true', 'TRUE', '1', 'yes', 'Yes'])('takes %s as true', (word) => {
    expect(parseBooleanQuery(word, 'wait')).toBe(true)
  })

  it.each(['false', 'False', '0', 'no'])('takes %s as false', (word) => {
    expect(parseBooleanQuery(word, 'wait')).toBe(false)
  })

  it('takes an absent or empty parameter as absent', () => {
    expect(parseBooleanQuery(undefined, 'wait')).toBeUndefined()
    expect(parseBooleanQuery('', 'wait')).toBeUndefined()
  })

  it('takes the last of a repeated parameter', () => {
    expect(parseBooleanQuery(['1', '0'], 'wait')).toBe(false)
  })

  it('refuses another word, naming the parameter', () => {
    expect(() => parseBooleanQuery('perhaps', 'wait')).toThrow('wait: must be a boolean')
  })
})

describe('parseIntegerQuery', () => {
  const range = { min: 1, max: 1000 }

  it('reads a number in the range, and takes empty as absent', () => {
    expect(parseIntegerQuery('1000', 'limit', range)).toBe(1000)
    expect(parseIntegerQuery('', 'limit', range)).toBeUndefined()
  })

  it.each(['0', '1001', '1.5', '1e2', 'ten', '-3'])('refuses %s', (text) => {
    expect(() => parseIntegerQuery(text, 'limit', range)).toThrow('limit: must be an integer from 1 to 1000')
  })
})

describe('parseListQuery', () => {
  it.each([
    ['a JSON array', '["run_id","status"]', ['run_id', 'status']],
    ['a repeated parameter', ['run_id', 'status'], ['run_id', 'status']],
    ['a comma list', 'run_id, status', ['run_id', 'status']],
    ['all three mixed', ['["run_id"]', 'status,metadata', 'kwargs'], ['run_id', 'status', 'metadata', 'kwargs']],
    ['an empty text', '', []],
    ['an empty JSON array', '[]', []],
    ['nothing', undefined, []],
    ['broken JSON, as a comma list', '["run_id"', ['["run_id"']],
  ])('reads %s', (_, value, words) => {
    expect(parseListQuery(value)).toEqual(words)
  })
})
