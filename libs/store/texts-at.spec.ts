import 'reflect-metadata'
import { expect, it } from 'vitest'
import { textsAt } from './texts-at.js'

const value = {
  title: 'T',
  year: 2026,
  none: null,
  empty: '',
  meta: { title: 'M', tags: ['x', 'y'] },
  parts: [{ text: 'one' }, { text: 'two', more: { deep: true } }, { other: 'no text' }],
}

it.each([
  ['$', [JSON.stringify(value)]],
  ['$.title', ['T']],
  ['title', ['T']],
  ['year', ['2026']],
  ['meta.title', ['M']],
  ['meta', ['{"title":"M","tags":["x","y"]}']],
  ['meta.tags[*]', ['x', 'y']],
  ['meta.tags.*', ['x', 'y']],
  ['meta.*', ['M', '["x","y"]']],
  ['parts[*].text', ['one', 'two']],
  ['parts[0].text', ['one']],
  ['parts[-1].other', ['no text']],
  ['parts[1].more.deep', ['true']],
  ['parts[9].text', []],
  ['parts.text', []],
  ['title[0]', []],
  ['title.length', []],
  ['none', []],
  ['empty', []],
  ['missing.deeper', []],
  ['__proto__.toString', []],
  ['constructor.name', []],
])('finds the texts at %s', (path, texts) => {
  expect(textsAt(value, path)).toEqual(texts)
})
