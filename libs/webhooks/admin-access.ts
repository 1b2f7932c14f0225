import type { IncomingHttpHeaders } from 'node:http'
import type { Settings } from '#config'
import { ADMIN_KEY_WANTED, presentsAdminKey } from '#http'
import { isLoopbackAddress } from './address-policy.js'

/** What decides about an administrator's request. */
export interface AdminRequest {
  readonly headers: IncomingHttpHeaders
  /** The socket's peer. */
  readonly remoteAddress: string | undefined
}

/** Allowed, or the status and the sentence to answer. */
export type AdminJudgement =
  { readonly ok: true } | { readonly ok: false; readonly status: 401 | 403; readonly detail: string }

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Judges by webhooks contract section 6: the admin key; without one, in `dev` only, who stands at the machine itself. */
export function judgeAdmin(request: AdminRequest, settings: Pick<Settings, 'adminKey' | 'mode'>): AdminJudgement {
  const { adminKey, mode } = settings
  if (adminKey !== null) {
    return presentsAdminKey(request.headers, adminKey) ? { ok: true } : refusal(401, ADMIN_KEY_WANTED)
  }
  if (mode === 'start') return refusal(403, 'Set SIGNALBOX_ADMIN_KEY to use the admin routes')
  return isLocal(request) ? { ok: true } : refusal(403, 'Without SIGNALBOX_ADMIN_KEY only this machine is let in')
}

function refusal(status: 401 | 403, detail: string): AdminJudgement {
  return { ok: false, status, detail }
}

/** A page of another site and a proxy in front can both reach a local server: neither passes. */
function isLocal({ headers, remoteAddress }: AdminRequest): boolean {
  const host = headers.host ?? ''
  const isForwarded = Object.keys(headers).some((name) => name === 'forwarded' || name.startsWith('x-forwarded-'))
  return (
    remoteAddress !== undefined &&
    isLoopbackAddress(remoteAddress) &&
    OWN_NAMES.has(host.replace(/:\d+$/, '').toLowerCase()) &&
    !isForwarded &&
    headers['webhook-id'] === undefined &&
    (headers.origin === undefined || headers.origin.toLowerCase() === `http://${host.toLowerCase()}`)
  )
}
