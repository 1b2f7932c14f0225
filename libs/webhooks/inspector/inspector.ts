import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { Clock, newId } from '#kernel'
import { verifySignature } from '../signature.js'
import type { RecordedRequest, RecordedRequestView, SignatureState } from './recorded-request.js'

const REQUESTS_PER_BIN = 100
const MAX_BINS = 50
const MAX_BYTES = 64 * 1024 * 1024
/** What a request weighs besides its body and its texts. */
const FIXED_BYTES = 512

const MASK = '***'

/** Bins in memory that keep what was sent to them, for developing against webhooks (webhooks contract section 7). */
@Injectable()
export class Inspector {
  /** Least recently written bin first. */
  readonly #bins = new Map<string, RecordedRequest[]>()
  #bytes = 0

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** In `dev`, or by `SIGNALBOX_INSPECTOR=1`. */
  get isEnabled(): boolean {
    return this.settings.webhooks.inspector
  }

  /** Keeps a request; the oldest ones go when the bin, the number of bins or the memory is full. */
  record(bin: string, request: Omit<RecordedRequest, 'id' | 'receivedAt'>): void {
    const recorded = { ...request, id: newId(), receivedAt: this.clock.now() }
    const requests = this.#bins.get(bin) ?? []
    this.#bins.delete(bin)
    this.#bins.set(bin, requests)
    requests.push(recorded)
    this.#bytes += weight(recorded)
    if (requests.length > REQUESTS_PER_BIN) this.#dropOldest(bin)
    while (this.#bins.size > MAX_BINS) this.#dropBin(this.#leastRecentBin())
    while (this.#bytes > MAX_BYTES) this.#dropOldest(this.#binOfOldest())
  }

  /** The bin's requests, newest last; headers that the configuration fills from the environment are masked. */
  requests(bin: string): RecordedRequestView[] {
    return (this.#bins.get(bin) ?? []).map((request) => ({
      id: request.id,
      method: request.method,
      path: request.path,
      query: request.query,
      headers: this.#masked(request.headers),
      body: request.body.toString('utf8'),
      received_at: request.receivedAt.toISOString(),
      signature: this.#signatureOf(request),
    }))
  }

  #signatureOf({ headers, body }: RecordedRequest): SignatureState {
    const signature = headers['webhook-signature']
    if (signature === undefined) return 'absent'
    const keys = this.settings.webhooks.secrets.map(({ key }) => key)
    if (keys.length === 0) return 'unchecked'
    const content = { id: headers['webhook-id'] ?? '', timestamp: headers['webhook-timestamp'] ?? '', body }
    return verifySignature(content, signature, keys) ? 'valid' : 'invalid'
  }

  #masked(headers: Readonly<Record<string, string>>): Record<string, string> {
    const secret = this.settings.webhooks.headers.filter(({ filled }) => filled.length > 0)
    const isSecret = (name: string, value: string) => {
      return secret.some((header) => header.name.toLowerCase() === name && header.value.trim() === value)
    }
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, isSecret(name, value) ? MASK : value]),
    )
  }

  #leastRecentBin(): string {
    const [bin = ''] = this.#bins.keys()
    return bin
  }

  #binOfOldest(): string {
    let oldest: [string, number] = ['', Infinity]
    for (const [bin, [first]] of this.#bins) {
      if (first && first.receivedAt.getTime() < oldest[1]) oldest = [bin, first.receivedAt.getTime()]
    }
    return oldest[0]
  }

  #dropOldest(bin: string): void {
    const requests = this.#bins.get(bin)
    const dropped = requests?.shift()
    if (dropped) this.#bytes -= weight(dropped)
    if (requests?.length === 0) this.#bins.delete(bin)
  }

  #dropBin(bin: string): void {
    for (const request of this.#bins.get(bin) ?? []) this.#bytes -= weight(request)
    this.#bins.delete(bin)
  }
}

function weight({ body, path, query, headers }: RecordedRequest): number {
  const texts = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return FIXED_BYTES + body.length + 2 * (path.length + query.length + texts)
}
