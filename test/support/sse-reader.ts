/** One event as it stands on the wire. */
export interface SseEvent {
  readonly id: string
  readonly event: string
  readonly data: unknown
}

/** A stream that is being read by plain HTTP, as a client in another language does. */
export class SseReader implements AsyncIterable<SseEvent> {
  private constructor(
    readonly response: Response,
    private readonly stop: AbortController,
  ) {}

  /** @throws Error with status and body unless the answer is 200. */
  static async open(url: string, init: RequestInit = {}): Promise<SseReader> {
    const stop = new AbortController()
    const response = await fetch(url, { ...init, signal: stop.signal })
    if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
    return new SseReader(response, stop)
  }

  /** Whole events only; ends where the body does, throws where it breaks. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SseEvent> {
    let text = ''
    const decoder = new TextDecoder()
    for await (const bytes of this.response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) yield parse(block)
    }
  }

  /** Everything, up to and with the first event that is the last. */
  async until(isLast: (event: SseEvent) => boolean): Promise<SseEvent[]> {
    const events: SseEvent[] = []
    for await (const event of this) {
      events.push(event)
      if (isLast(event)) break
    }
    return events
  }

  /** Everything to the end of the body. */
  all(): Promise<SseEvent[]> {
    return this.until(() => false)
  }

  /** The client leaves. */
  leave(): void {
    this.stop.abort()
  }
}

/** What the official client yields, to its end. */
export async function collect(stream: AsyncIterable<unknown>): Promise<SseEvent[]> {
  const parts: SseEvent[] = []
  for await (const part of stream) parts.push(part as SseEvent)
  return parts
}

function parse(block: string): SseEvent {
  const fields = block
    .split('\n')
    .filter((line) => !line.startsWith(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
  const { id = '', event = '', data = 'null' } = Object.fromEntries(fields) as Partial<Record<string, string>>
  return { id, event, data: JSON.parse(data) as unknown }
}
