import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { TestServer } from '../support/test-server.js'
import { ask, AUTH_PROJECT } from './callers.js'
import { withPrefix } from './projects.js'

/** The name of a route that asks nobody. */
const PREFIX = '/docs'

describe('below a prefix', () => {
  const server = TestServer.use({ config: withPrefix(AUTH_PROJECT, PREFIX) })
  const statusOf = async (user: string | null, method: string, path: string) => {
    const body = method === 'POST' ? {} : undefined
    return (await ask(server.url, user, { method, path: `${PREFIX}${path}`, body })).status
  }

  it('what belongs to somebody asks who calls, whatever the prefix is called', async () => {
    expect(await statusOf(null, 'POST', '/threads/search')).toBe(401)
    expect(await statusOf('alice', 'POST', '/threads/search')).toBe(200)
  })

  it.each(['/ok', '/info', '/docs', '/openapi.json', '/health/ready'])('%s asks nobody', async (path) => {
    expect(await statusOf(null, 'GET', path)).toBe(200)
  })
})
