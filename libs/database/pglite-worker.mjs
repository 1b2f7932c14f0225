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

const questions = {
  opened: async () => {
    await opening
  },
  /** A message of PostgreSQL's wire protocol, answered in the same. */
  execute: async ({ message }) => new Uint8Array(await (await opening).execProtocolRaw(message)),
  /** Ends what the last connection has left: its transaction, settings and temporary tables. */
  reset: async () => {
    const db = await opening
    if (db.isInTransaction()) await db.exec('ROLLBACK')
    await db.exec('DISCARD ALL')
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
