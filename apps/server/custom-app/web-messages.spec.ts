import { describe, expect, it } from 'vitest'
import { urlOf } from './web-messages.js'

describe('the address of a request', () => {
  it.each(['example.com', 'example.com:8123', '127.0.0.1:8123', '[::1]:8123'])('names the host %s', (host) => {
    expect(urlOf({ host }, '/threads/search?a=b')).toBe(`http://${host}/threads/search?a=b`)
  })

  it.each(['x?', 'x#', 'x/ok?', 'x/', 'x\\y', 'user:word@x', '', ':', '[::1', 'x:99999', 'a b', '%zz'])(
    'keeps its path whatever stands as the host: %j',
    (host) => {
      const url = urlOf({ host }, '/threads/search')
      expect(url).toBe('http://localhost/threads/search')
      expect(new URL(new Request(url).url).pathname).toBe('/threads/search')
    },
  )

  it('is of this machine without a host', () => {
    expect(urlOf({}, '/ok')).toBe('http://localhost/ok')
  })
})
