import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** How much of an overlong body is read and thrown away, in bytes, and for how long, in ms. */
const MAX_UNREAD_BYTES = 256 * 1024 * 1024
const MAX_UNREAD_MS = 5_000

const TOO_LARGE = 413

/**
 * Lets the sender of an overlong body read why it is refused: a connection that is closed while it still sends breaks
 * under its hands, and the answer is lost.
 */
export function readOverlongBodies(server: FastifyInstance): void {
  server.addHook('onSend', async ({ raw }, reply, payload) => {
    if (reply.statusCode === TOO_LARGE) await discard(raw)
    return payload
  })
}

/** Resolves at the end of the body, or when one of the bounds is reached. */
function discard(raw: IncomingMessage): Promise<void> {
  if (raw.complete || raw.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let bytes = 0
    const deadline = setTimeout(resolve, MAX_UNREAD_MS)
    raw.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_UNREAD_BYTES) resolve()
    })
    raw.once('end', resolve).once('close', resolve)
    raw.resume()
    raw.once('close', () => clearTimeout(deadline))
  })
}
