import { describe, expect, it } from 'vitest'
import { canonicalUrl } from './canonical-url.js'

describe('the form in which a request is judged', () => {
  it.each([
    ['/threads?limit=1', '/threads?limit=1'],
    ['http://x/store/items?key=k', '/store/items?key=k'],
    ['HTTPS://x:8', '/'],
    ['/%61pi/info?interrupt', '/api/info?interrupt'],
    ['/api/threads/../ok', '/api/ok'],
    ['/api/%2e%2E/ok', '/ok'],
    ['/api/x\\..\\ok', '/api/ok'],
    ['/a/.%2e/b', '/b'],
    ['/a%2Fb', '/a%2Fb'],
    ['/%252e%252e/b', '/%252e%252e/b'],
    ['/assistants/a/subgraphs/x|y', '/assistants/a/subgraphs/x|y'],
    ['//evil.example/x', '//evil.example/x'],
    ['/%zz', '/%zz'],
    ['?a=/../b', '/?a=/../b'],
    ['/a?u=http://x/../y', '/a?u=http://x/../y'],
    ['*', '*'],
  ])('%s is %s', (target, canonical) => {
    expect(canonicalUrl(target)).toBe(canonical)
  })
})
