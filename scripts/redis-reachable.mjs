// Exit code 0 when the Redis of the tests answers, else 1 and the reason.
import { createClient } from '@redis/client'

const url = process.env['SIGNALBOX_TEST_REDIS'] ?? 'redis://127.0.0.1:6379'
const client = createClient({ url, socket: { connectTimeout: 3_000, reconnectStrategy: false } })
client.on('error', () => undefined) // `connect` rejects with it

try {
  await client.connect()
  await client.ping()
  client.destroy()
} catch (error) {
  const why = error instanceof Error && error.message !== '' ? error.message : 'no connection'
  process.stdout.write(`No Redis answers at ${new URL(url).host} (${why}).\n`)
  process.exitCode = 1
}
