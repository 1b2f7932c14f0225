import 'reflect-metadata'
import { expect, it } from 'vitest'
import { parseJson } from './json-text.js'

it.each(['{}', ' [1, -2.5e+3, "\\u00e9\\n", true, null, {"a": [[]]}] \n', '"x"', '0', '\uFEFF{"a":1}'])(
  'parses %j',
  (text) => {
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text.replace('\uFEFF', '')) })
  },
)

it.each([
  ['', 1, 1],
  ['   ', 1, 4],
  ['{', 1, 2],
  ['{"a"', 1, 5],
  ['{"a" 1}', 1, 6],
  ['{"a": }', 1, 7],
  ['{"a": 1,}', 1, 9],
  ['[1,\n2,\n]', 3, 1],
  ['[1 2]', 1, 4],
  ['[1}', 1, 3],
  ['{"a": 1]', 1, 8],
  ["{'a': 1}", 1, 2],
  ['{a: 1}', 1, 2],
  ['{"a": 01}', 1, 7],
  ['{"a": undefined}', 1, 7],
  ['{\n  // note\n}', 2, 3],
  ['{"a": "\\x"}', 1, 7],
  ['{} {}', 1, 4],
  ['1,', 1, 2],
  [']', 1, 1],
])('says where %j stops being JSON', (text, line, column) => {
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
  expect(parseJson(text)).toEqual({ ok: false, line, column })
})
