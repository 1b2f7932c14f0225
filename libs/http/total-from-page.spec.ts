import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { totalFromPage } from './total-from-page.js'

describe('totalFromPage', () => {
  it.each([
    ['a page that is not full', 3, { limit: 10, offset: 20 }, 23],
    ['an empty first page', 0, { limit: 10, offset: 0 }, 0],
    ['a full page', 10, { limit: 10, offset: 0 }, null],
    ['a page beyond the end', 0, { limit: 10, offset: 20 }, null],
  ])('of %s', (_, rows, page, total) => {
    expect(totalFromPage(rows, page)).toBe(total)
  })
})
