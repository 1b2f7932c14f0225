import { expect, it } from 'vitest'
import { describeError } from './json.js'

const textless = Object.create(null) as unknown
const trap = new Error()
Object.defineProperty(trap, 'message', {
  get: () => {
    throw new TypeError('no message')
  },
})

it.each([
  [new RangeError('too far'), 'RangeError', 'too far'],
  [Object.assign(new Error('nameless'), { name: '' }), 'Error', 'nameless'],
  [Object.assign(new Error(), { message: { code: 7 } }), 'Error', '[object Object]'],
  ['a text', 'Error', 'a text'],
  [undefined, 'Error', 'undefined'],
  [textless, 'Error', 'a value that cannot be read'],
  [trap, 'Error', 'a value that cannot be read'],
])('tells class and message of whatever was thrown (%#)', (thrown, error, message) => {
  expect(describeError(thrown)).toEqual({ error, message })
})
