import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { safeLine, safeText } from './safe-text.js'

describe('text for a terminal', () => {
  it.each([
    ['\u001b[2Jgone', '\\u001b[2Jgone'],
    ['bell\u0007', 'bell\\u0007'],
    ['\u009b31m', '\\u009b31m'],
    ['over\rwritten', 'over\\u000dwritten'],
    ['abc\u202efed', 'abc\\u202efed'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
  ])('writes %j as %j', (text, safe) => {
    expect(safeText(text)).toBe(safe)
  })

  it('keeps lines and letters, and puts all on one line where that is asked for', () => {
    expect(safeText('ü\n\t漢字')).toBe('ü\n\t漢字')
    expect(safeLine('a\nb\tc')).toBe('a\\nb\\tc')
  })
})
