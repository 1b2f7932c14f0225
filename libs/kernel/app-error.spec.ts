import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { AppError, defineError, errorCatalogue } from './app-error.js'

const lost = defineError({ code: 'spec_lost', status: 404, message: (what: string) => `${what} is lost` })
const broken = defineError({ code: 'spec_broken', status: 503, message: () => 'broken' })

describe('the error catalogue', () => {
  it('makes errors that carry code, status, level and text', () => {
    expect(lost('The key')).toBeInstanceOf(AppError)
    expect(lost('The key')).toMatchObject({
      code: 'spec_lost',
      status: 404,
      level: 'debug',
      message: 'The key is lost',
    })
    expect(broken()).toMatchObject({ status: 503, level: 'error' })
  })

  it('lists every kind by its code', () => {
    const codes = errorCatalogue().map(({ code }) => code)
    expect(codes).toEqual([...codes].sort())
    expect(errorCatalogue()).toContainEqual({ code: 'spec_lost', status: 404 })
  })

  it('refuses a code that is taken', () => {
    expect(() => defineError({ code: 'spec_lost', status: 400, message: () => '' })).toThrow(
      'spec_lost is defined twice',
    )
  })
})
