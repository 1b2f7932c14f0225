// Exit code 0 when the PostgreSQL of the tests lets us in, else 1 and the reason.
import pg from 'pg'

const server = process.env['SIGNALBOX_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432'
const client = new pg.Client({ connectionString: `${server}/postgres`, connectionTimeoutMillis: 3_000 })

try {
  await client.connect()
  await client.end()
} catch (error) {
  const { host, port } = client
  const why = error instanceof Error && error.message !== '' ? error.message : 'no connection'
  process.stdout.write(`No server at ${host}:${port} that lets ${client.user ?? 'us'} in (${why}).\n`)
  process.exitCode = 1
}
