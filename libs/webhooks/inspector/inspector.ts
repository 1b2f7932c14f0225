import { StringDecoder } from 'node:string_decoder'
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

/** What a list shows of one body, and of all: it is asked for each second, and control characters grow sixfold in JSON. */
const LISTED_BYTES = 64 * 1024
const LIST_BYTES = 1024 * 1024
/** What is shown of a body that is asked for by its id: all that webhooks of this server hold unless it is told otherwise. */
const WHOLE_BYTES = 5 * 1024 * 1024

const MASK = '***'

/** What is known of a request when it comes. */
type Arrived = Omit<RecordedRequest, 'id' | 'receivedAt' | 'signature'>

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
  record(bin: string, request: Arrived): void {
    const signature = this.#signatureOf(request)
    const recorded = { ...request, id: newId(), receivedAt: this.clock.now(), signature }
    const requests = this.#bins.get(bin) ?? []
    this.#bins.delete(bin)
    this.#bins.set(bin, requests)
    requests.push(recorded)
    this.#bytes += weight(recorded)
    if (requests.length > REQUESTS_PER_BIN) this.#dropOldest(bin)
    while (this.#bins.size > MAX_BINS) this.#dropBin(this.#leastRecentBin())
    while (this.#bytes > MAX_BYTES) this.#dropOldest(this.#binOfOldest())
  }

  /**
   * The bin's requests, newest last. Bodies are cut, those of older requests wholly once the list is full. Headers that
   * the configuration fills from the environment are masked.
   */
  requests(bin: string): RecordedRequestView[] {
    let left = LIST_BYTES
    const newestFirst = (this.#bins.get(bin) ?? []).toReversed().map((request) => {
      const shown = Math.min(request.body.length, LISTED_BYTES, left)
      left -= shown
      return this.#view(request, shown)
    })
    return newestFirst.reverse()
  }

  /** One of the bin's requests with its body, which is cut only where it is longer than webhooks are; null for no such. */
  request(bin: string, id: string): RecordedRequestView | null {
    const request = this.#bins.get(bin)?.find((one) => one.id === id)
    return request ? this.#view(request, WHOLE_BYTES) : null
  }

  #view(request: RecordedRequest, bytes: number): RecordedRequestView {
    const { id, method, path, query, body, receivedAt, signature } = request
    return {
      id,
      method,
      path,
      query,
      headers: this.#masked(request.headers),
      body: beginningOf(body, bytes),
      body_bytes: body.length,
      body_cut: body.length > bytes,
      received_at: receivedAt.toISOString(),
      signature,
    }
  }

  #signatureOf({ headers, body }: Arrived): SignatureState {
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

/** No letter is cut in two. */
function beginningOf(body: Buffer, bytes: number): string {
  return body.length <= bytes ? body.toString('utf8') : new StringDecoder('utf8').write(body.subarray(0, bytes))
}

function weight({ body, path, query, headers }: RecordedRequest): number {
  const texts = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return FIXED_BYTES + body.length + 2 * (path.length + query.length + texts)
}
