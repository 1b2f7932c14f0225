import { describe, expect, it } from 'vitest'
import { AnswerText, KEPT_BYTES } from './answer-text.js'

const text = (answer: string | Buffer, ...filled: string[]) => new AnswerText(filled).of(Buffer.from(answer))

describe('the text of an answer', () => {
  it.each([
    ['{"authorization":"Bearer s3same-open"}', ['s3same-open'], '{"authorization":"Bearer ***"}'],
    ['one two one', ['one', 'two'], '*** *** ***'],
    // One inside of the other: nothing of the longer one stays.
    ['key=abcdef', ['abc', 'abcdef'], 'key=***'],
    // One that begins in the other: nothing of either stays.
    ['key=abcde!', ['abcd', 'bcde'], 'key=***!'],
    ['key=ababa!', ['aba'], 'key=***!'],
    // As JSON writes it.
    [JSON.stringify({ got: 'a"b\\c' }), ['a"b\\c'], '{"got":"***"}'],
    ['grün', ['ü'], 'gr***n'],
    ['nothing of it', ['s3same'], 'nothing of it'],
    ['nothing of it', [], 'nothing of it'],
    ['nothing of it', [''], 'nothing of it'],
    ['nothing of it', [' \t'], 'nothing of it'],
    ['a\u0000b', ['zzzz'], 'ab'],
    // What is dropped holds nothing apart.
    ['key=abc\u0000def', ['abcdef'], 'key=***'],
    // A header's value arrives without the blanks around it.
    ['{"x-key":"s3same"}', [' s3same\t'], '{"x-key":"***"}'],
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

describe('a secret that is spelt otherwise', () => {
  const SECRET = `p/w <é> & 'q' "r" %41+x`
  const json = (escape: RegExp) =>
    JSON.stringify(SECRET).replace(escape, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const html = (names: Readonly<Record<string, string>>) =>
    SECRET.replace(/[<>&'"é/]/g, (letter) => names[letter] ?? letter)
  const form = new URLSearchParams({ SECRET }).toString().slice('SECRET='.length)

  it.each([
    ['JSON of JavaScript', JSON.stringify(SECRET)],
    ['JSON of Python', json(/[^ -~]/g)],
    ['JSON of PHP', json(/[^ -~]/g).replaceAll('/', '\\/')],
    ['JSON of Go', json(/[<>&]/g)],
    ['JSON of .NET', json(/[<>&'+]|[^ -~]/g).replace(/\\u..../g, (code) => `\\u${code.slice(2).toUpperCase()}`)],
    ['JSON with each letter escaped', `"\\u0070\\u002f\\u0077${JSON.stringify(SECRET).slice(4)}`],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ got: SECRET }))],
    ['HTML, in names', html({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' })],
    ['HTML, in numbers', html({ '<': '&#60;', '&': '&#38;', '"': '&#34;', "'": '&#39;', é: '&#233;' })],
    ['HTML, in hexadecimal', html({ "'": '&#x27;', '/': '&#X2f;', é: '&#xE9;', '"': '&#x0022;' })],
    ['HTML in JSON', JSON.stringify(html({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }))],
    ['a component of a URL', encodeURIComponent(SECRET)],
    [
      'a component of a URL, in small letters',
      encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ['a form', form],
    ['a form in JSON', JSON.stringify(form)],
    ['escapes of one byte', SECRET.replace(/[é'"]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16)}`)],
    ['Latin-1', Buffer.from(SECRET, 'latin1')],
    ['Latin-1 taken for UTF-8', Buffer.from(SECRET, 'latin1').toString('utf8')],
  ])('in %s is masked', (_name, spelt) => {
    const answer = Buffer.concat([Buffer.from('got:'), Buffer.from(spelt), Buffer.from(':end')])
    expect(
      text(answer, SECRET)
        .replace(/[\\"{}]/g, '')
        .replace('got:got', 'got'),
    ).toBe('got:***:end')
  })

  it.each(['s3same-open', 's3same-opens', 's3same-opened', 'gr\u00fcn\u00fe\u00ff\u00bf?>'])(
    'in base64 is masked, also in the midst of more: %s',
    (secret) => {
      for (const before of ['', 'a', 'ab', 'Bearer ', 'user:']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const encoded = (whole: string) => Buffer.from(whole).toString(encoding).replaceAll('/', '\\/')
          const shown = text(`${encoded(`${before}${secret}`)}, ${encoded(`${before}${secret}!?`)}`, secret)
          expect(shown.replaceAll(encoded(before).slice(0, Math.floor((before.length * 4) / 3)), '')).toMatch(
            /^\*\*\*=*, \*\*\*.{0,5}$/,
          )
        }
      }
    },
  )

  it.each(['got open&l', 'got open\\u003', 'got open%', 'got open\\', 'got open%3Cdo', 'got b3Blbjxk'])(
    'is masked where the answer breaks off in it, or in one of its letters: %j',
    (answer) => expect(text(answer, 'open<door')).toBe('got ***'),
  )

  it('is not looked for when it is shorter than four letters', () => {
    expect(text('a/b a\\/b a%2Fb YS9i', 'a/b')).toBe('*** a\\/b a%2Fb YS9i')
    expect(text('a%2Fb1', ' a/b1 ')).toBe('***')
  })

  it.each(['&#u00', '\\u0041b', 'a&ampere', 'a+\\b&'])(
    'is found although it looks like an escape itself: %s',
    (secret) => {
      expect(text(`a b & [${secret}] +`, secret)).toBe('a b & [***] +')
      expect(text(JSON.stringify(`a b & [${secret}] +`), secret)).toBe('"a b & [***] +"')
    },
  )

  it('leaves other escapes as they are', () => {
    const answer = '{"a":"\\u00e9\\n%41&amp;&#xffffffff;&#99999999;\\ud800+","b":"%"}'
    expect(text(answer, 's3same-open')).toBe(answer)
  })
})
