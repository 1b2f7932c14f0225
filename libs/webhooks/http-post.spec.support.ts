import { HttpService } from '@nestjs/axios'
import type { Settings } from '#config'
import { HttpPost, type Post } from './http-post.js'
import type { UrlTarget } from './url-text-policy.js'
import { webhookSettings, type WebhookSettingsChange } from './webhook-settings.spec.support.js'

/** The client, as the room makes it. */
export function httpPost(change: WebhookSettingsChange = {}): HttpPost {
  return new HttpPost(new HttpService(), { webhooks: webhookSettings(change) } as Settings)
}

/** A POST to a port of this machine, under the name or address `host`. */
export function postTo(
  port: number,
  { host = '127.0.0.1', scheme = 'http' as UrlTarget['scheme'], ...over }: PostChange = {},
): Post {
  const hostKey = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const target: UrlTarget = {
    kind: 'url',
    scheme,
    host,
    isLiteral: /^[\d.]+$|:/.test(host),
    port,
    requestPath: '/hook',
    hostKey,
  }
  const signal = new AbortController().signal
  return { target, addresses: ['127.0.0.1'], headers: {}, body: Buffer.from('{}'), signal, ...over }
}

/** What a spec wants different. */
export type PostChange = Partial<Omit<Post, 'target'>> & {
  readonly host?: string
  readonly scheme?: UrlTarget['scheme']
}
