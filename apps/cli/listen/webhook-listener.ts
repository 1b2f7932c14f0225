import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SigningSecret } from '#config'
import { verifySignature } from '#webhooks'
import type { Forwarder } from './forwarder.js'
import type { ReceivedWebhook } from './received-webhook.js'

/** What a listener does with what arrives. */
export interface ListenerOptions {
  readonly secrets: readonly SigningSecret[]
  /** Null answers 200 itself. */
  readonly forwarder: Forwarder | null
  readonly now: () => Date
  /** Called once per webhook, after it was forwarded. */
  readonly onWebhook: (webhook: ReceivedWebhook) => void
}

/** Longer bodies are answered with 413. */
const BODY_BOUND = 10 * 1024 * 1024

/** How far a signature's time may be away, in seconds (Standard Webhooks 1.0.0). */
const TOLERANCE_SECONDS = 300

/** Receives webhooks on any path, and answers as the app behind it does. */
export class WebhookListener {
  readonly #server: Server

  constructor(private readonly options: ListenerOptions) {
    this.#server = createServer((request, response) => {
      // A request that breaks off has nobody left to answer.
      this.#receive(request, response).catch(() => response.destroy())
    })
  }

  /** Resolves with the URL once it listens. @throws Error with Node's code, `EADDRINUSE` for one. */
  listen(port: number, host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        const bound = this.#server.address() as AddressInfo
        resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`)
      })
    })
  }

  /** Ends at once; what is under way is cut. */
  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return refuse(response, 405, 'webhooks are posted', { allow: 'POST' })
    const body = await readBody(request)
    if (body === null)
      return refuse(response, 413, `the body is longer than ${BODY_BOUND} bytes`, { connection: 'close' })
    const headers = flatten(request)
    const path = request.url ?? '/'
    const answer = await this.options.forwarder?.forward(path, headers, body)
    response.writeHead(answer?.status ?? 200, answer?.headers).end(answer?.body)
    const signature = this.#signatureOf(headers, body)
    const receivedAt = this.options.now()
    this.options.onWebhook({ receivedAt, path, headers, body, signature, forwarded: answer?.outcome ?? null })
  }

  #signatureOf(headers: Readonly<Record<string, string>>, body: Buffer): ReceivedWebhook['signature'] {
    const { 'webhook-signature': signature, 'webhook-id': id = '', 'webhook-timestamp': timestamp = '' } = headers
    if (signature === undefined) return 'absent'
    const keys = this.options.secrets.map(({ key }) => key)
    if (keys.length === 0) return 'unchecked'
    if (!verifySignature({ id, timestamp, body }, signature, keys)) return 'invalid'
    const awaySeconds = Math.abs(this.options.now().getTime() / 1000 - Number(timestamp))
    return awaySeconds <= TOLERANCE_SECONDS ? 'valid' : 'stale'
  }
}

function refuse(response: ServerResponse, status: number, detail: string, headers: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ detail }))
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= BODY_BOUND) chunks.push(chunk)
  }
  return size <= BODY_BOUND ? Buffer.concat(chunks) : null
}

function flatten({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}
