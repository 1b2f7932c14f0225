import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { formatSseFrame } from './sse-frame.js'

describe('formatSseFrame', () => {
  it('writes id, event and one data line, and a blank line', () => {
    const text = formatSseFrame({ id: '7', event: 'values|sub:1', json: '{"a":"x\\ny"}' })
    expect(text).toBe('id: 7\nevent: values|sub:1\ndata: {"a":"x\\ny"}\n\n')
  })

  it.each([
    { id: '7\n8', event: 'values', json: '1' },
    { id: '7\u0000', event: 'values', json: '1' },
    { id: '7', event: 'values\r\ndata: 2', json: '1' },
    { id: '7', event: 'values', json: '{\n}' },
    { id: '7', event: 'values', json: '' },
  ])('refuses what would break the framing: %j', (frame) => {
    expect(() => formatSseFrame(frame)).toThrow(Error)
  })
})
