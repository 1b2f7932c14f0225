import type { Settings } from '#config'
import { AssistantThreadsRepository } from '../../libs/threads/assistant-threads.repository.js'
import { ThreadExpiryRepository } from '../../libs/threads/thread-expiry.repository.js'
import { THREAD_SORT_FIELDS, type VisibleThreads } from '../../libs/threads/thread-filter.js'
import { ThreadsRepository } from '../../libs/threads/threads.repository.js'
import { idOf, NOW } from './big-tables.js'
import type { PlanBook } from './plan-book.js'
import { combined, ordersBy, type StatementCase, VISIBILITIES } from './statement-case.js'

const threadId = idOf('thread', 7)
const many = Array.from({ length: 100 }, (_, n) => idOf('thread', n + 1))
const settings = { threadTtl: { default: null } } as Settings
const page = { limit: 10, offset: 0 }

/** No restriction. */
export const ANY_THREAD: VisibleThreads = { metadata: null, values: null, status: null, ids: null, visibility: null }

/** Each filter that a client can put, and each way to see. */
const FILTERS: Readonly<Record<string, VisibleThreads>> = {
  'by metadata': { ...ANY_THREAD, metadata: { n: 7 } },
  'by values': { ...ANY_THREAD, values: { n: 7 } },
  'by metadata and status': { ...ANY_THREAD, metadata: { owner: 'u7' }, status: 'idle' },
  interrupted: { ...ANY_THREAD, status: 'interrupted' },
  busy: { ...ANY_THREAD, status: 'busy' },
  idle: { ...ANY_THREAD, status: 'idle' },
  'by ids': { ...ANY_THREAD, ids: many },
  ...Object.fromEntries(
    Object.entries(VISIBILITIES).map(([title, visibility]) => [title, { ...ANY_THREAD, visibility }]),
  ),
}

/** Finding threads. */
export function threadSearchCases(book: PlanBook): StatementCase[] {
  const threads = book.watched('ThreadsRepository', new ThreadsRepository(settings))
  return [
    ...combined({ any: ANY_THREAD, ...FILTERS }, ordersBy(THREAD_SORT_FIELDS)).map(
      ([title, filter, order]): StatementCase => [title, (q) => threads.search(q, filter, order, page)],
    ),
    ['count, any', (q) => threads.count(q, ANY_THREAD)],
    ...Object.entries(FILTERS).map(([title, filter]): StatementCase => [
      `count, ${title}`,
      (q) => threads.count(q, filter),
    ]),
  ]
}

/** What runs, clients and the sweep do to single threads. */
export function threadCases(book: PlanBook): StatementCase[] {
  const threads = book.watched('ThreadsRepository', new ThreadsRepository(settings))
  const now = NOW
  const thread = { threadId, status: 'idle', metadata: {}, config: {}, temporary: false, now } as const
  const change = { metadata: {}, ttl: null, now }
  const busy = { graphId: 'g1', assistantId: idOf('assistant', 1), config: {}, now }
  const settled = {
    status: 'idle',
    settledStatus: 'idle',
    valuesJson: '{}',
    interruptsJson: '{}',
    error: null,
  } as const
  const seen = Object.entries({ any: null, ...VISIBILITIES }).flatMap(([title, visibility]): StatementCase[] => [
    [`shows, ${title}`, (q) => threads.shows(q, threadId, visibility)],
    [`patch, ${title}`, (q) => threads.patch(q, threadId, { ...change, visibility })],
  ])
  return [
    ...seen,
    ['find', (q) => threads.find(q, threadId)],
    ['watch: which are there', (q) => threads.existing(q, many)],
    ['lock', (q) => threads.lock(q, threadId)],
    ['insert', (q) => threads.insertIfAbsent(q, thread)],
    ['see', (q) => threads.see(q, threadId)],
    ['lock seen', (q) => threads.lockSeen(q, threadId)],
    ['mark busy', (q) => threads.markBusy(q, threadId, busy)],
    ['settle', (q) => threads.settle(q, threadId, { ...settled, now })],
    ['copy', (q) => threads.copy(q, threadId, { threadId: idOf('thread', 0), metadata: {}, now })],
    ['touch', (q) => threads.touch(q, threadId, now)],
    ['delete', (q) => threads.delete(q, threadId)],
  ]
}

/** Threads that are over, and those of an assistant that is deleted. */
export function threadSweepCases(book: PlanBook): StatementCase[] {
  const expiry = book.watched('ThreadExpiryRepository', new ThreadExpiryRepository())
  const ofAssistant = book.watched('AssistantThreadsRepository', new AssistantThreadsRepository())
  const ofOne = { assistantId: idOf('assistant', 7), afterId: null, limit: 100 }
  return [
    ['claim the oldest', (q) => expiry.claim(q, { now: NOW, except: [] })],
    ['claim another', (q) => expiry.claim(q, { now: NOW, except: many })],
    ['postpone', (q) => expiry.postpone(q, threadId, NOW)],
    ['of an assistant', (q) => ofAssistant.ids(q, ofOne)],
    ['of an assistant, next page', (q) => ofAssistant.ids(q, { ...ofOne, afterId: threadId })],
  ]
}
