import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SigningSecret } from '#config'
import { matchesHostPattern } from './host-pattern.js'

/** What a signature covers (Standard Webhooks 1.0.0). */
export interface SignedContent {
  readonly id: string
  /** The header's text: seconds. */
  readonly timestamp: string
  readonly body: Buffer
}

/** The header `webhook-signature`: one `v1` entry per key, in their order, space-separated. */
export function signWebhook(content: SignedContent, keys: readonly Buffer[]): string {
  return keys.map((key) => `v1,${digest(content, key).toString('base64')}`).join(' ')
}

/** Whether one entry of the header was made with one of the keys. Compares in constant time. */
export function verifySignature(content: SignedContent, header: string, keys: readonly Buffer[]): boolean {
  const given = header.split(' ').flatMap((entry) => {
    return entry.startsWith('v1,') ? [Buffer.from(entry.slice(3), 'base64')] : []
  })
  return keys.some((key) => {
    const expected = digest(content, key)
    return given.some((entry) => entry.length === expected.length && timingSafeEqual(entry, expected))
  })
}

/**
 * The keys that sign for a host, newest first: those of its exact name, else of the longest suffix that names it, else
 * the general ones. `null` is this server itself (path webhooks).
 */
export function keysForHost(host: string | null, secrets: readonly SigningSecret[]): Buffer[] {
  const naming = secrets.flatMap((secret) => (secret.host !== null && host !== null ? [secret.host] : []))
  const best = naming
    .filter((pattern) => host !== null && matchesHostPattern(pattern, host))
    .reduce<string | null>((chosen, pattern) => (chosen === null || isCloser(pattern, chosen) ? pattern : chosen), null)
  return secrets.filter((secret) => secret.host === best).map((secret) => secret.key)
}

function isCloser(pattern: string, chosen: string): boolean {
  if (pattern.startsWith('*.') !== chosen.startsWith('*.')) return chosen.startsWith('*.')
  return pattern.length > chosen.length
}

function digest(content: SignedContent, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`${content.id}.${content.timestamp}.`).update(content.body).digest()
}
