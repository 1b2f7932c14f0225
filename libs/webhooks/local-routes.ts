import { Injectable } from '@nestjs/common'
import { CustomRoutes } from '#kernel'
import { KEPT_BYTES } from './answer-text.js'
import { InspectorLoopback } from './inspector/inspector-loopback.js'
import { type LoopbackAnswer, LoopbackTarget } from './loopback-target.js'

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
    const answer = await this.routes.answer(request)
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await firstBytes(answer.body),
    }
  }
}

async function firstBytes(body: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size > KEPT_BYTES) break
    }
  } catch {
    // Cut by the app or by the deadline: what has arrived is kept.
  }
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES)
}
