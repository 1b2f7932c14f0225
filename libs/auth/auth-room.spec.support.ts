import { CustomAuth } from './custom-auth.js'
import type { AuthCacheSettings, AuthSettings, ServerMode, Settings } from '#config'
import type { IncomingCall } from './incoming-call.js'

/** `auth.path` in force, in production. */
export function customSettings(cache: AuthCacheSettings | null = null): Settings {
  const auth: AuthSettings = {
    kind: 'custom',
    module: { file: '/project/auth.ts', exportName: 'auth' },
    disableStudioAuth: false,
    cache,
  }
  return settingsWith(auth)
}

/** The settings that this room reads. */
export function settingsWith(auth: AuthSettings, mode: ServerMode = 'start'): Settings {
  return { auth, mode } as Settings
}

/** What the project exports, loaded. */
export async function loaded(exported: unknown): Promise<CustomAuth> {
  const custom = new CustomAuth()
  await custom.load(customSettings().auth, { load: () => Promise.resolve(exported), labelOf: () => 'auth.path' })
  return custom
}

/** A request of somebody on another machine. */
export function callWith(
  headers: IncomingCall['headers'],
  remoteAddress: string | undefined = '203.0.113.7',
): IncomingCall {
  return {
    headers,
    remoteAddress,
    toRequest: () => new Request('http://server/threads', { headers: entriesOf(headers) }),
  }
}

function entriesOf(headers: IncomingCall['headers']): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
}
