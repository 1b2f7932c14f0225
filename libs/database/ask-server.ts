import { Client } from 'pg'

/** How the server is asked. */
export interface AskOptions {
  /** What the connection is called in `pg_stat_activity`. */
  readonly name: string
  /** How long the server may take to let it in, and for each answer, in ms. */
  readonly timeoutMs: number
}

/** Asks the server by a connection of its own, in bounded time. @throws what connecting and `ask` meet. */
export async function askServer<Answer>(
  uri: string,
  { name, timeoutMs }: AskOptions,
  ask: (client: Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new Client({
    connectionString: uri,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: name,
  })
  client.on('error', () => undefined) // told by the promise
  try {
    await client.connect()
    return await ask(client)
  } finally {
    // Not waited for: a server that is gone would never say goodbye.
    client.end().catch(() => undefined)
  }
}
