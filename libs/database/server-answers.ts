import { askServer } from './ask-server.js'
import { saysAway } from './away.js'

/** How long the server may take to let a connection in, and to answer on it, in ms. */
const ANSWER_MS = 2_000

/** Whether the server answers at all, asked by a connection of its own; a refusal is an answer too. */
export async function serverAnswers(uri: string): Promise<boolean> {
  try {
    await askServer(uri, { name: 'signalbox probe', timeoutMs: ANSWER_MS }, (client) => client.query('SELECT 1'))
    return true
  } catch (error) {
    return !saysAway(error) || isFull(error)
  }
}

function isFull(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '53300'
}
