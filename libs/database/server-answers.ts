import { Client } from 'pg'
import { saysAway } from './away.js'

/** How long the server may take to let a connection in, and to answer on it, in ms. */
const ANSWER_MS = 2_000

/** Whether the server answers at all, asked by a connection of its own; a refusal is an answer too. */
export async function serverAnswers(uri: string): Promise<boolean> {
  const client = new Client({
    connectionString: uri,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    application_name: 'signalbox probe',
  })
  client.on('error', () => undefined) // told by the promise
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch (error) {
    return !saysAway(error) || isFull(error)
  } finally {
    // Not waited for: a server that is gone would never say goodbye.
    client.end().catch(() => undefined)
  }
}

function isFull(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '53300'
}
