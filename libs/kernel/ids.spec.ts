import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { isUuid, newId, requireUuid, systemAssistantId } from './ids.js'

describe('ids', () => {
  it('are UUIDs of version 7, which sort by the order they were made in', () => {
    const ids = Array.from({ length: 1_000 }, () => newId())
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    )
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(1_000)
  })

  it('give each graph the assistant id that every server gives it', () => {
    expect(systemAssistantId('agent')).toBe('fe096781-5601-53d2-b2f6-0d3403f7e9ca')
  })

  it.each(['', 'undefined', 'null', '1', `${newId()}x`, ` ${newId()}`, newId().replaceAll('-', ''), `{${newId()}}`])(
    'are not %j',
    (text) => {
      expect(isUuid(text)).toBe(false)
      expect(() => requireUuid('thread', text)).toThrow('Invalid thread ID: must be a UUID')
    },
  )

  it('come back in lower case', () => {
    const id = newId()
    expect(requireUuid('run', id.toUpperCase())).toBe(id)
  })
})
