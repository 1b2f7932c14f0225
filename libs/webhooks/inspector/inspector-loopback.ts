import { Injectable } from '@nestjs/common'
import { type LoopbackAnswer, LoopbackTarget } from '../loopback-target.js'
import { InspectorDesk } from './inspector-desk.js'
import { Inspector } from './inspector.js'

const BIN_PATH = /^\/inspector\/([^/?]+)(?:[/?]|$)/

const NOT_FOUND: LoopbackAnswer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"detail":"Not Found"}'),
}

/** Takes path webhooks for the inspector: hands them over without a socket. */
@Injectable()
export class InspectorLoopback extends LoopbackTarget {
  constructor(
    private readonly inspector: Inspector,
    private readonly desk: InspectorDesk,
  ) {
    super()
  }

  /** Any path while the inspector is on: one that names no bin is a failed attempt with 404. */
  override takes(_path: string): boolean {
    return this.inspector.isEnabled
  }

  /** Whether the path is one of the inspector's, and it is on. */
  owns(path: string): boolean {
    return this.inspector.isEnabled && binOf(path) !== null
  }

  override async post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<LoopbackAnswer> {
    signal.throwIfAborted()
    const bin = binOf(path)
    if (bin === null || !this.inspector.isEnabled) return NOT_FOUND
    const answer = await this.desk.receive(bin, { method: 'POST', url: path, headers, body }, signal)
    signal.throwIfAborted()
    return answer
  }
}

function binOf(path: string): string | null {
  const name = BIN_PATH.exec(path)?.[1]
  if (name === undefined) return null
  try {
    return decodeURIComponent(name)
  } catch {
    // A malformed escape names no bin.
    return null
  }
}
