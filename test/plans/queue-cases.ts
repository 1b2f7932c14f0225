import { ActiveRunsRepository } from '../../libs/runs/active-runs.repository.js'
import { AssistantRunsRepository } from '../../libs/runs/assistant-runs.repository.js'
import { RunMetricsRepository } from '../../libs/runs/run-metrics.repository.js'
import { RunQueueRepository } from '../../libs/runs/run-queue.repository.js'
import { RunResultsRepository } from '../../libs/runs/run-results.repository.js'
import { RUN_STATUSES, type Run } from '../../libs/runs/run.js'
import { RunsRepository } from '../../libs/runs/runs.repository.js'
import { InstallationRepository } from '../../libs/streaming/redis/installation.repository.js'
import { idOf, NOW } from './big-tables.js'
import type { PlanBook } from './plan-book.js'
import { type StatementCase, VISIBILITIES } from './statement-case.js'

const run = { runId: idOf('run', 7), threadId: idOf('thread', 7), createdAt: NOW }
const many = Array.from({ length: 100 }, (_, n) => idOf('run', n + 1))
const claim = { runId: run.runId, workerId: 'worker 1', attempt: 1 }
const newRun = { ...run, metadata: {}, kwargs: {}, injected: {}, status: 'pending', webhook: null } as unknown as Run
const later = new Date(NOW.getTime() + 60_000)

/** The queue of runs: what workers send all the time. */
export function runQueueCases(book: PlanBook): StatementCase[] {
  const queue = book.watched('RunQueueRepository', new RunQueueRepository())
  const metrics = book.watched('RunMetricsRepository', new RunMetricsRepository())
  const abandoned = { now: NOW, limit: 100, afterId: null }
  return [
    ['claim', (q) => queue.claimDue(q, 'worker 1', 10, { now: NOW, leaseUntil: later })],
    ['next due', (q) => queue.nextDue(q, NOW)],
    ['room in the queue', (q) => queue.countPending(q, 100_000)],
    ['renew', (q) => queue.renew(q, 'worker 1', many, later)],
    ['recover what is abandoned', (q) => queue.abandoned(q, 'worker 1', { ...abandoned, all: false })],
    ['recover, next page', (q) => queue.abandoned(q, 'worker 1', { ...abandoned, all: false, afterId: run.runId })],
    ['recover all at start', (q) => queue.abandoned(q, 'worker 1', { ...abandoned, all: true })],
    ['release', (q) => queue.release(q, claim, { now: NOW, handBack: true })],
    ['lock what is claimed', (q) => queue.lockClaimed(q, claim)],
    ['lock what is pending', (q) => queue.lockPending(q, run.runId)],
    ['end', (q) => queue.end(q, run.runId, { status: 'success', error: null, now: NOW })],
    ['metrics', (q) => metrics.read(q, NOW)],
  ]
}

/** Runs as clients ask for them. */
export function runCases(book: PlanBook): StatementCase[] {
  const runs = book.watched('RunsRepository', new RunsRepository())
  const list = { threadId: run.threadId, limit: 10, offset: 0, status: null, metadata: null }
  return [
    ['insert', (q) => runs.insert(q, newRun)],
    ['find', (q) => runs.find(q, run.threadId, run.runId)],
    ['find by id', (q) => runs.findById(q, run.runId)],
    ['list', (q) => runs.list(q, list)],
    ['list by metadata', (q) => runs.list(q, { ...list, metadata: { n: 7 } })],
    ...RUN_STATUSES.map((status): StatementCase => [`list ${status}`, (q) => runs.list(q, { ...list, status })]),
    ['in flight', (q) => runs.inFlight(q, run.threadId)],
    ['ended last', (q) => runs.lastEnded(q, run.threadId)],
    ['room on a thread', (q) => runs.countInFlight(q, run.threadId, 1_000)],
    ['any in flight', (q) => runs.hasInFlight(q, run.threadId)],
    ['watch: still under way', (q) => runs.underWay(q, many)],
    ['watch: what they failed by', (q) => runs.errors(q, many)],
    ['wish to stop', (q) => runs.wishStop(q, run.runId, 'interrupt')],
    ['delete', (q) => runs.delete(q, run.runId)],
  ]
}

/** What processes beside each other ask. */
export function sharedCases(book: PlanBook): StatementCase[] {
  const results = book.watched('RunResultsRepository', new RunResultsRepository())
  const installation = book.watched('InstallationRepository', new InstallationRepository())
  const stored = { runId: idOf('run', 0), threadId: run.threadId, temporary: true, threadMetadata: {}, result: '{}' }
  return [
    ['answer of a run', (q) => results.find(q, run.runId)],
    ['keep an answer', (q) => results.insert(q, stored, later)],
    ['remove old answers', (q) => results.removeExpired(q, NOW, 1_000)],
    ['who they are', (q) => installation.id(q)],
  ]
}

/** Runs over all threads: cancelling many, and the end of an assistant. */
export function massRunCases(book: PlanBook): StatementCase[] {
  const active = book.watched('ActiveRunsRepository', new ActiveRunsRepository())
  const ofAssistant = book.watched('AssistantRunsRepository', new AssistantRunsRepository())
  const assistantId = idOf('assistant', 7)
  const page = { before: NOW, after: null, limit: 100, visibility: null }
  const pages = Object.entries({ any: null, ...VISIBILITIES }).flatMap(([title, visibility]): StatementCase[] => [
    [`pending, ${title}`, (q) => active.page(q, 'pending', { ...page, visibility })],
    [`pending, next page, ${title}`, (q) => active.page(q, 'pending', { ...page, visibility, after: run })],
    [`running, ${title}`, (q) => active.page(q, 'running', { ...page, visibility })],
    [`running, next page, ${title}`, (q) => active.page(q, 'running', { ...page, visibility, after: run })],
  ])
  return [
    ...pages,
    ['among these', (q) => active.among(q, run.threadId, many)],
    ['threads of an assistant', (q) => ofAssistant.activeThreads(q, assistantId, 100)],
    ['lock those of an assistant', (q) => ofAssistant.lockActive(q, assistantId, run.threadId)],
    ['delete those of an assistant', (q) => ofAssistant.deleteSome(q, assistantId, null, 100)],
    ['delete more of an assistant', (q) => ofAssistant.deleteSome(q, assistantId, run.runId, 100)],
  ]
}
