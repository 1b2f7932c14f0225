import { Injectable } from '@nestjs/common'
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
export class InspectorDesk {
  constructor(
    private readonly inspector: Inspector,
    private readonly clock: Clock,
  ) {}

  /** The query is read first: a bin that is told nonsense answers 422 and keeps nothing. */
  async receive(bin: string, request: InspectorPost): Promise<LoopbackAnswer> {
    const [path, query] = splitOnce(request.url, '?')
    const staged = parseStagedAnswer(query)
    if (typeof staged === 'string') return answer(422, { detail: staged })
    this.inspector.record(bin, { method: request.method, path, query, headers: request.headers, body: request.body })
    if (staged.delayMs > 0) await new Promise<void>((resolve) => this.clock.after(staged.delayMs, resolve))
    return answer(staged.status, { ok: staged.status < 300 })
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
