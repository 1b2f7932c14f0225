import { describe, expect, it } from 'vitest'
import { saysAway } from './away.js'

const coded = (code: string) => Object.assign(new Error('said so'), { code })

describe('what means that the database is away', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', '57P01', '57P02', '57P03', '08006', '53300'])(
    '%s does',
    (code) => expect(saysAway(coded(code))).toBe(true),
  )

  it.each(['23505', '22P02', '42P01', '40P01', '57014', '53100', 'ERR_ASSERTION'])('%s does not', (code) => {
    expect(saysAway(coded(code))).toBe(false)
  })

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('«%s» does', (message) => expect(saysAway(new Error(message))).toBe(true))

  it('a name with several addresses is away when none of them answers', () => {
    expect(saysAway(new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT')]))).toBe(true)
    expect(saysAway(new AggregateError([coded('ECONNREFUSED'), coded('23505')]))).toBe(false)
  })

  it('what is no error of the database does not', () => {
    expect(saysAway(new Error('no'))).toBe(false)
    expect(saysAway('Connection terminated')).toBe(false)
  })
})
