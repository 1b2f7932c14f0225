import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { extractFrom, parseExtract } from './extract.js'
import type { WireThread } from './thread-wire.js'

const thread: WireThread = {
  thread_id: 't',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  state_updated_at: null,
  metadata: { owner: 'ann' },
  status: 'idle',
  config: { configurable: { model: 'm' } },
  values: { messages: [{ content: 'first' }, { content: 'last', tags: [['a', 'b']] }], none: null },
  interrupts: { task: [{ id: 'i', value: 1 }] },
  error: null,
}

function extract(path: string): unknown {
  return extractFrom(thread, parseExtract({ it: path }))['it']
}

describe('extract', () => {
  it.each([
    ['values.messages[0].content', 'first'],
    ['values.messages[-1].content', 'last'],
    ['values.messages[1].tags[0][-1]', 'b'],
    ['metadata.owner', 'ann'],
    ['config.configurable.model', 'm'],
    ['interrupts.task[0].value', 1],
    ['metadata', { owner: 'ann' }],
  ])('reads %s', (path, value) => {
    expect(extract(path)).toEqual(value)
  })

  it.each([
    'values.missing',
    'values.none.deeper',
    'values.messages[5]',
    'values.messages[-3]',
    'values.messages.length',
    'values.messages[0].content.length',
    'metadata.constructor',
    'metadata[0]',
  ])('gives null where %s leads nowhere', (path) => {
    expect(extract(path)).toBeNull()
  })

  it.each(['thread_id', 'value.a', 'values..a', 'values[x]', 'values.a]', 'valuesx', '', 3, null])(
    'refuses the path %j, naming the alias',
    (path) => {
      expect(() => parseExtract({ mine: path })).toThrow('extract.mine: must be a path')
    },
  )

  it('refuses a path without end, and an eleventh alias', () => {
    expect(() => parseExtract({ mine: `values${'.a'.repeat(1000)}` })).toThrow('extract.mine')
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, 'values']))
    expect(() => parseExtract(many)).toThrow('extract: must have at most 10 entries')
  })
})
