import type { PoolClient } from 'pg'
import { streamOf } from './connection-stream.js'

/** Breaks a connection that gives no answer: whatever waits on it learns that the database is away, and the pool makes another. */
export function breakConnection(client: PoolClient): void {
  streamOf(client).destroy(Object.assign(new Error('The database does not answer'), { code: 'ETIMEDOUT' }))
}
