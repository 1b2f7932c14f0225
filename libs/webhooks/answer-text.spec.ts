import { describe, expect, it } from 'vitest'
import { AnswerText, KEPT_BYTES } from './answer-text.js'

const text = (answer: string, ...filled: string[]) => new AnswerText(filled).of(Buffer.from(answer))

describe('the text of an answer', () => {
  it.each([
    ['{"authorization":"Bearer s3same-open"}', ['s3same-open'], '{"authorization":"Bearer ***"}'],
    ['one two one', ['one', 'two'], '*** *** ***'],
    // One inside of the other: nothing of the longer one stays.
    ['key=abcdef', ['abc', 'abcdef'], 'key=***'],
    // As JSON writes it.
    [JSON.stringify({ got: 'a"b\\c' }), ['a"b\\c'], '{"got":"***"}'],
    ['grün', ['ü'], 'gr***n'],
    ['nothing of it', ['s3same'], 'nothing of it'],
    ['nothing of it', [], 'nothing of it'],
    ['nothing of it', [''], 'nothing of it'],
    ['a\u0000b', ['zzzz'], 'ab'],
  ])('of %j without %j is %j', (answer, filled, shown) => {
    expect(text(answer, ...filled)).toBe(shown)
  })

  it('holds nothing of a secret that the bound has cut, nor of an answer that broke off in one', () => {
    const secret = 's3same-open-the-door'
    const cut = text(`${'x'.repeat(KEPT_BYTES - 10)}${secret}`, secret)
    expect(cut).toBe(`${'x'.repeat(KEPT_BYTES - 10)}***`)
    expect(text('got s3same-op', secret)).toBe('got ***')
    expect(text('these s3s', secret)).toBe('these s3s')
  })

  it('is bounded in bytes, and a letter that is cut in two is replaced', () => {
    expect(text('ü'.repeat(KEPT_BYTES))).toBe('ü'.repeat(KEPT_BYTES / 2))
    expect(text(`x${'ü'.repeat(KEPT_BYTES)}`)).toBe(`x${'ü'.repeat(KEPT_BYTES / 2 - 1)}\uFFFD`)
  })
})
