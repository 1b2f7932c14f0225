import type { PoolClient } from 'pg'
import type { Duplex } from 'node:stream'

/** What a connection writes to: its socket, or the embedded database. */
export function streamOf(client: PoolClient): Duplex {
  return (client.connection as unknown as { readonly stream: Duplex }).stream
}

/**
 * Makes what is sent on a connection in one turn of the event loop go out in one write, by calling the result before each
 * sending: a write of its own for each statement cost more than most statements.
 */
export function gatherWrites(client: PoolClient): () => void {
  const stream = streamOf(client)
  let isGathering = false
  return () => {
    if (isGathering) return
    isGathering = true
    stream.cork()
    process.nextTick(() => {
      isGathering = false
      stream.uncork()
    })
  }
}
