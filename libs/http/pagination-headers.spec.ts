import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { setPaginationHeaders } from './pagination-headers.js'

function headersOf(page: { limit: number; offset: number }, total: number): Record<string, string> {
  const headers: Record<string, string> = {}
  setPaginationHeaders({ header: (name, value) => (headers[name] = value) }, page, total)
  return headers
}

describe('setPaginationHeaders', () => {
  it('names the next offset while a row is left', () => {
    expect(headersOf({ limit: 10, offset: 10 }, 21)).toEqual({ 'X-Pagination-Total': '21', 'X-Pagination-Next': '20' })
  })

  it('names none on the last page', () => {
    expect(headersOf({ limit: 10, offset: 10 }, 20)).toEqual({ 'X-Pagination-Total': '20' })
  })
})
