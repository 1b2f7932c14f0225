import { parseDomainPattern } from './domain-pattern.js'
import type { SigningSecret } from './settings.js'

/** Shorter keys are refused (webhooks contract 3; Standard Webhooks asks for 24 to 64 bytes). */
const LEAST_BYTES = 24
const ENTRY = /^(?:([^=]*)=)?whsec_(.*)$/s

/** One entry of `SIGNALBOX_WEBHOOK_SECRETS`, or why it is none; the reason never holds the entry. */
export type ParsedSecret =
  { readonly ok: true; readonly secret: SigningSecret } | { readonly ok: false; readonly problem: string }

/** Reads `whsec_<base64>` or `host=whsec_<base64>`, the host exact or `*.suffix`. */
export function parseSigningSecret(text: string): ParsedSecret {
  const [matched, hostText, base64 = ''] = ENTRY.exec(text) ?? []
  if (matched === undefined) return refused('is neither whsec_… nor host=whsec_…')
  const host = hostText === undefined ? null : parseDomainPattern(hostText.trim())
  if (host?.ok === false) return refused('names something that is neither a host nor "*.suffix"')
  const key = Buffer.from(base64, 'base64')
  // Node skips what is not base64; written back it must be the same text.
  if (key.toString('base64') !== base64) return refused('is not base64 (with padding) after whsec_')
  if (key.length < LEAST_BYTES) return refused(`is shorter than ${LEAST_BYTES} bytes`)
  return { ok: true, secret: { host: host?.pattern ?? null, key } }
}

function refused(problem: string): ParsedSecret {
  return { ok: false, problem }
}
