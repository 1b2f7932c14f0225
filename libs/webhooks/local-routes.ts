import { Injectable } from '@nestjs/common'
import { CustomRoutes } from '#kernel'
import { KEPT_BYTES } from './answer-text.js'
import { InspectorLoopback } from './inspector/inspector-loopback.js'
import { type LoopbackAnswer, LoopbackTarget } from './loopback-target.js'
import { untilAborted } from './until-aborted.js'

/** Takes path webhooks for the inspector, and all others for the project's own routes where there are any. */
@Injectable()
export class LocalRoutes extends LoopbackTarget {
  constructor(
    private readonly inspector: InspectorLoopback,
    private readonly routes: CustomRoutes,
  ) {
    super()
  }

  override takes(path: string): boolean {
    return this.routes.exist || this.inspector.takes(path)
  }

  override async post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<LoopbackAnswer> {
    if (!this.routes.exist || this.inspector.owns(path)) return this.inspector.post(path, headers, body, signal)
    const request = new Request(`http://localhost${path}`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      signal,
    })
    const { status, headers: answered, body: stream } = await this.#answer(request, signal)
    return { status, headers: Object.fromEntries(answered), body: await firstBytes(stream, signal) }
  }

  async #answer(request: Request, signal: AbortSignal): Promise<Response> {
    const answering = this.routes.answer(request)
    try {
      return await untilAborted(answering, signal)
    } catch (error) {
      // One that still comes is not read: its route need not go on.
      void answering.then(({ body }) => firstBytes(body, signal))
      throw error
    }
  }
}

/** The beginning of the body. The status has arrived: a body that is cut short, or never ends, changes nothing. */
async function firstBytes(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): Promise<Buffer> {
  if (body === null || body.locked) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  const reader = body.getReader()
  // Ends a pending read at once. Not awaited: what the app does about it may take for ever.
  const cut = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cut, { once: true })
  if (signal.aborted) cut()
  try {
    let size = 0
    while (size <= KEPT_BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      size += value.byteLength
    }
  } catch {
    // Broken off by the app: what has arrived is kept.
  } finally {
    signal.removeEventListener('abort', cut)
    cut()
  }
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES)
}
