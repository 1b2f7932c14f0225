import { emptyCheckpoint } from '@langchain/langgraph'
import type { Pool } from 'pg'
import * as copies from '../../libs/graphs/checkpoint-copies.repository.js'
import * as rows from '../../libs/graphs/checkpoint-rows.repository.js'
import * as checkpoints from '../../libs/graphs/checkpoints.repository.js'
import { ThreadSaver } from '../../libs/graphs/thread-saver.js'
import * as journal from '../../libs/graphs/write-journal.repository.js'
import { namespacePattern } from '../../libs/store/namespace-pattern.js'
import { StoreVectorsRepository } from '../../libs/store/store-vectors.repository.js'
import { StoreRepository, type StoredSearch } from '../../libs/store/store.repository.js'
import { idOf, NOW } from './big-tables.js'
import type { PlanBook } from './plan-book.js'
import type { PoolCase, StatementCase } from './statement-case.js'

const threadId = idOf('thread', 7)
const runId = idOf('run', 7)
const key = { namespace: 'users.u7.', key: 'k7' }
const everything: StoredSearch = { prefix: '', filter: {}, limit: 10, offset: 0 }

/** Each kind of filter, alone and under a prefix. */
const SEARCHES: Readonly<Record<string, StoredSearch>> = {
  'under a prefix': { ...everything, prefix: 'users.u7.' },
  'by a field': { ...everything, filter: { n: 7 } },
  'by a field under a prefix': { ...everything, prefix: 'users.u7.', filter: { topic: 'about 7' } },
  'by an order under a prefix': { ...everything, prefix: 'users.u7.', filter: { n: { $gt: 7, $lte: 9 } } },
  'by what it is not': { ...everything, filter: { n: { $ne: 7 } } },
}

/** The store. */
export function storeCases(book: PlanBook): StatementCase[] {
  const store = book.watched('StoreRepository', new StoreRepository())
  const item = { ...key, valueJson: '{}', ttlMinutes: null }
  const namespaces = (prefix: string[], suffix: string[], maxDepth: number | null) =>
    ({ pattern: namespacePattern(prefix, suffix), maxDepth, limit: 10, offset: 0 }) as const
  return [
    ['newest', (q) => store.search(q, everything, NOW)],
    ...Object.entries(SEARCHES).map(([title, search]): StatementCase => [title, (q) => store.search(q, search, NOW)]),
    ['by an order', (q) => store.search(q, { ...everything, filter: { n: { $gt: 7 } } }, NOW)],
    ['find', (q) => store.find(q, [key], NOW)],
    ['refresh', (q) => store.refresh(q, [key], NOW)],
    ['lock', (q) => store.lock(q, [key])],
    ['put', (q) => store.upsert(q, [item], NOW)],
    ['delete', (q) => store.delete(q, [key])],
    ['namespaces', (q) => store.listNamespaces(q, namespaces([], [], null), NOW)],
    ['namespaces to a depth', (q) => store.listNamespaces(q, namespaces(['users'], [], 1), NOW)],
    ['namespaces by suffix', (q) => store.listNamespaces(q, namespaces(['*'], ['u7'], null), NOW)],
    ['sweep', (q) => store.removeExpired(q, 100, NOW)],
  ]
}

/** What is found by its meaning. */
export function vectorCases(book: PlanBook): StatementCase[] {
  const vectors = book.watched('StoreVectorsRepository', new StoreVectorsRepository())
  const vector = [1, 0, 1]
  return [
    ['is there pgvector', (q) => vectors.isAvailable(q)],
    ['length', (q) => vectors.dims(q)],
    ['replace', (q) => vectors.replace(q, [key], [{ ...key, vector }])],
    ['under a prefix', (q) => vectors.search(q, vector, { ...everything, prefix: 'users.u7.' }, NOW)],
    ['anywhere', (q) => vectors.search(q, vector, everything, NOW)],
  ]
}

/** The saver's tables, as far as this server's own statements use them. */
export function checkpointCases(book: PlanBook): StatementCase[] {
  const { deleteRunCheckpoints, deleteThreadCheckpoints, mergeLatestMetadata } = book.watched('checkpoints', {
    ...checkpoints,
  })
  const { copyCheckpoints, keepLatestCheckpoints } = book.watched('checkpoint-copies', { ...copies })
  const { putCheckpoints, keepWrites, replaceWrites } = book.watched('checkpoint-rows', { ...rows })
  const { undoRunWrites } = book.watched('write-journal', { ...journal })
  return [
    ['delete those of a thread', (q) => deleteThreadCheckpoints(q, threadId)],
    ['delete those of a run', (q) => deleteRunCheckpoints(q, threadId, runId)],
    ['merge metadata', (q) => mergeLatestMetadata(q, threadId, {})],
    ['copy', (q) => copyCheckpoints(q, threadId, idOf('thread', 8))],
    ['keep the latest', (q) => keepLatestCheckpoints(q, threadId)],
    ['put checkpoints', (q) => putCheckpoints(q, threadId, { checkpoints: [], blobs: [] })],
    ['put writes', (q) => keepWrites(q, threadId, [])],
    ['put special writes', (q) => replaceWrites(q, threadId, [])],
    ['note writes', (q) => q.query(journal.NOTE_WRITES, [runId, threadId, '', 'c7', 'task', [0]])],
    ['undo writes', (q) => undoRunWrites(q, runId)],
  ]
}

/** What LangGraph's saver sends. */
export function saverCases(): PoolCase[] {
  const saver = (pool: Pool) => new ThreadSaver(pool)
  const latest = { configurable: { thread_id: threadId, checkpoint_ns: '' } }
  const one = { configurable: { ...latest.configurable, checkpoint_id: 'c7' } }
  const checkpoint = { ...emptyCheckpoint(), channel_values: { messages: [] }, channel_versions: { messages: 1 } }
  const metadata = { source: 'loop', step: 1, parents: {} } as const
  const filter = { source: 'loop' }
  return [
    ['the latest', (pool) => saver(pool).getTuple(latest)],
    ['one', (pool) => saver(pool).getTuple(one)],
    ['history', (pool) => all(saver(pool).list(latest))],
    ['history, next page', (pool) => all(saver(pool).list(latest, { before: one, limit: 10, filter }))],
    ['put', (pool) => saver(pool).put(one, checkpoint, metadata, { messages: 1 })],
    ['put writes', (pool) => saver(pool).putWrites(one, [['messages', 'a']], 'task')],
    ['delete', (pool) => saver(pool).deleteThread(threadId)],
  ]
}

async function all(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}
