import { isJsonObject } from '#kernel'
import type { SignatureState } from '#webhooks'

/** What became of a webhook at the app behind. */
export type Forwarded =
  | { readonly status: number; readonly durationMs: number }
  /** The app did not answer. */
  | { readonly failed: string; readonly durationMs: number }

/** A webhook that has arrived. */
export interface ReceivedWebhook {
  readonly receivedAt: Date
  /** Path and query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** `stale`: it holds, but its timestamp is more than five minutes away. */
  readonly signature: SignatureState | 'stale'
  /** Null when nothing is forwarded. */
  readonly forwarded: Forwarded | null
}

/** The body as JSON; its text when it is none. */
export function bodyOf({ body }: Pick<ReceivedWebhook, 'body'>): unknown {
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    // Shown as it came.
    return text
  }
}

/** A text field of the body; a dash where there is none. */
export function fieldOf(body: unknown, name: string): string {
  const value = isJsonObject(body) ? body[name] : undefined
  return typeof value === 'string' ? value : '-'
}
