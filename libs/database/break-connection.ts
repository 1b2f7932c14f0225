import type { PoolClient } from 'pg'

/** Breaks a connection that gives no answer: whatever waits on it learns that the database is away, and the pool makes another. */
export function breakConnection(client: PoolClient): void {
  const { stream } = client.connection as unknown as { stream: { destroy(error: Error): void } }
  stream.destroy(Object.assign(new Error('The database does not answer'), { code: 'ETIMEDOUT' }))
}
