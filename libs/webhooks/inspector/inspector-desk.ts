import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { Clock } from '#kernel'
import type { LoopbackAnswer } from '../loopback-target.js'
import { Inspector } from './inspector.js'
import { parseStagedAnswer } from './staged-answer.js'

/** A request for a bin, over HTTP or from inside. */
export interface InspectorPost {
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Records a request and answers as its query says. */
@Injectable()
export class InspectorDesk implements OnModuleDestroy {
  readonly #delays = new Set<() => void>()

  constructor(
    private readonly inspector: Inspector,
    private readonly clock: Clock,
  ) {}

  /** Answers what still waits. */
  onModuleDestroy(): void {
    for (const end of this.#delays) end()
  }

  /**
   * The query is read first: a bin that is told nonsense answers 422 and keeps nothing. A delay ends early when
   * `signal` aborts.
   */
  async receive(bin: string, request: InspectorPost, signal?: AbortSignal): Promise<LoopbackAnswer> {
    const [path, query] = splitOnce(request.url, '?')
    const staged = parseStagedAnswer(query)
    if (typeof staged === 'string') return answer(422, { detail: staged })
    this.inspector.record(bin, { method: request.method, path, query, headers: request.headers, body: request.body })
    if (staged.delayMs > 0) await this.#delay(staged.delayMs, signal)
    return answer(staged.status, { ok: staged.status < 300 })
  }

  #delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel()
        this.#delays.delete(end)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = this.clock.after(ms, end)
      this.#delays.add(end)
      signal?.addEventListener('abort', end, { once: true })
    })
  }
}

/** The JSON answer; 204 and 304 have no body. */
function answer(status: number, content: object): LoopbackAnswer {
  const body = status === 204 || status === 304 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(content))
  return { status, headers: { 'content-type': 'application/json' }, body }
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
