import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { storableJson, storableText, toJsonb } from './storable.js'

const LOST = '\uFFFD'

describe('what PostgreSQL can store', () => {
  it.each([
    ['nul:\u0000', `nul:${LOST}`],
    ['high:\ud800', `high:${LOST}`],
    ['low:\udfff!', `low:${LOST}!`],
    ['swapped:\udc00\ud800', `swapped:${LOST}${LOST}`],
    ['pair:😀', 'pair:😀'],
    ['plain \\u0000 written out', 'plain \\u0000 written out'],
    ['', ''],
  ])('%j becomes %j, as text and inside JSON', (text, stored) => {
    expect(storableText(text)).toBe(stored)
    expect(JSON.parse(storableJson(JSON.stringify({ text })))).toEqual({ text: stored })
  })

  it('replaces in keys too, and at any depth', () => {
    const json = storableJson(JSON.stringify({ 'a\u0000': [{ 'b\ud800': '\u0000' }] }))
    expect(JSON.parse(json)).toEqual({ [`a${LOST}`]: [{ [`b${LOST}`]: LOST }] })
  })

  it('leaves other escapes and escaped backslashes alone', () => {
    const value = { control: '\u0001\n\t"', path: 'C:\\u0000\\d800', even: '\\\\u0000' }
    expect(storableJson(JSON.stringify(value))).toBe(JSON.stringify(value))
  })

  it('turns undefined into SQL NULL and null into a JSON null', () => {
    expect(toJsonb(undefined)).toBeNull()
    expect(toJsonb(null)).toBe('null')
    expect(toJsonb({ a: '\u0000' })).toBe(`{"a":"${LOST}"}`)
  })
})
