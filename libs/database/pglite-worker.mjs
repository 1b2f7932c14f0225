// The thread that the embedded database lives in. JavaScript, as Node 20 starts no thread from the TypeScript that the
// specs run. Answers one question after the other, in their order: `{answer}`, or `{error}` with the message; the first
// answer tells that the database is open.
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

async function open({ dir, vectors }) {
  if (!vectors) return PGlite.create(dir)
  const { vector } = await import('@electric-sql/pglite-pgvector')
  return PGlite.create(dir, { extensions: { vector } })
}

const opening = open(workerData)

/** First byte of the protocol's Query message, and of an ErrorResponse. */
const QUERY = 0x51
const ERROR_RESPONSE = 0x45

/**
 * A message of PostgreSQL's wire protocol, answered in the same. As a stream, though it is put together here: PGlite
 * parses what `execProtocolRaw` answers, and keeps it for ever.
 */
async function execute(message) {
  const db = await opening
  const parts = []
  await db.execProtocolRawStream(message, { onRawData: (part) => parts.push(part.slice()) })
  // A copy of its own memory, which is handed over with the answer: a Buffer may be a view of what others use.
  return parts.length === 1 ? parts[0] : new Uint8Array(Buffer.concat(parts))
}

/** Sends a statement without parameters. By hand: PGlite's own `exec` would read no answer once answers are streamed. */
async function say(sql) {
  const text = Buffer.from(`${sql}\0`)
  const message = Buffer.alloc(5 + text.length)
  message.writeUInt8(QUERY)
  message.writeInt32BE(4 + text.length, 1)
  text.copy(message, 5)
  const answer = Buffer.from(await execute(message))
  // Each message: one byte of its kind, four of its length without that byte.
  for (let at = 0; at < answer.length; at += 1 + answer.readInt32BE(at + 1)) {
    if (answer[at] === ERROR_RESPONSE) throw new Error(`the embedded database refused ${sql}`)
  }
}

const questions = {
  opened: async () => {
    await opening
  },
  execute: ({ message }) => execute(message),
  /** Ends what the last connection has left: its transaction, settings and temporary tables. */
  reset: async () => {
    if ((await opening).isInTransaction()) await say('ROLLBACK')
    await say('DISCARD ALL')
  },
  close: async () => (await opening).close(),
}

async function answer(question) {
  try {
    const bytes = await questions[question.kind](question)
    parentPort.postMessage({ answer: bytes }, bytes ? [bytes.buffer] : [])
  } catch (error) {
    parentPort.postMessage({ error: error instanceof Error ? error.message : String(error) })
  }
}

let last = Promise.resolve()
parentPort.on('message', (question) => {
  last = last.then(() => answer(question))
})
