import { ASSISTANT_SORT_FIELDS, type VisibleAssistants } from '../../libs/assistants/assistant-filter.js'
import { AssistantVersionsRepository } from '../../libs/assistants/assistant-versions.repository.js'
import type { Assistant } from '../../libs/assistants/assistant.entity.js'
import { AssistantsRepository } from '../../libs/assistants/assistants.repository.js'
import { CRON_SORT_FIELDS, type VisibleCrons } from '../../libs/crons/cron-filter.js'
import type { CronData } from '../../libs/crons/cron.entity.js'
import { CronsRepository } from '../../libs/crons/crons.repository.js'
import { DueCronsRepository } from '../../libs/crons/due-crons.repository.js'
import { idOf, NOW } from './big-tables.js'
import type { PlanBook } from './plan-book.js'
import { combined, ordersBy, type StatementCase, VISIBILITIES } from './statement-case.js'

const assistantId = idOf('assistant', 7)
const cronId = idOf('cron', 7)
const page = { limit: 10, offset: 0 }

/** No restriction. */
export const ANY_ASSISTANT: VisibleAssistants = { metadata: null, graphId: null, name: null, visibility: null }

const ASSISTANT_FILTERS: Readonly<Record<string, VisibleAssistants>> = {
  'by metadata': { ...ANY_ASSISTANT, metadata: { n: 7 } },
  'of a graph': { ...ANY_ASSISTANT, graphId: 'g7' },
  'of a graph, by metadata': { ...ANY_ASSISTANT, graphId: 'g7', metadata: { n: 7 } },
  'by name': { ...ANY_ASSISTANT, name: 'assistant 77' },
  ...visible(ANY_ASSISTANT),
}

/** Assistants and their versions. */
export function assistantCases(book: PlanBook): StatementCase[] {
  const assistants = book.watched('AssistantsRepository', new AssistantsRepository())
  const versions = book.watched('AssistantVersionsRepository', new AssistantVersionsRepository())
  const fields = { assistantId, graphId: 'g7', name: 'a', description: null, config: {}, context: {}, metadata: {} }
  const assistant = { ...fields, version: 1, createdAt: NOW, updatedAt: NOW } as Assistant
  return [
    ...combined({ any: ANY_ASSISTANT, ...ASSISTANT_FILTERS }, ordersBy(ASSISTANT_SORT_FIELDS)).map(
      ([title, filter, order]): StatementCase => [title, (q) => assistants.search(q, filter, order, page)],
    ),
    ['count, any', (q) => assistants.count(q, ANY_ASSISTANT)],
    ...Object.entries(ASSISTANT_FILTERS).map(([title, filter]): StatementCase => [
      `count, ${title}`,
      (q) => assistants.count(q, filter),
    ]),
    ['find', (q) => assistants.find(q, assistantId)],
    ['lock to use', (q) => assistants.lock(q, assistantId, 'use')],
    ['insert', (q) => assistants.insertIfAbsent(q, assistant)],
    ['update', (q) => assistants.update(q, assistant)],
    ['take for the system', (q) => assistants.takeForSystem(q, assistantId)],
    ['delete', (q) => assistants.delete(q, assistantId)],
    ['record a version', (q) => versions.record(q, assistantId)],
    ['highest version', (q) => versions.highest(q, assistantId)],
    ['find a version', (q) => versions.find(q, assistantId, 1)],
    ['versions', (q) => versions.list(q, assistantId, null, page)],
    ['versions by metadata', (q) => versions.list(q, assistantId, { n: 7 }, page)],
  ]
}

/** No restriction. */
export const ANY_CRON: VisibleCrons = {
  assistantId: null,
  threadId: null,
  enabled: null,
  metadata: null,
  visibility: null,
}

const CRON_FILTERS: Readonly<Record<string, VisibleCrons>> = {
  'by metadata': { ...ANY_CRON, metadata: { n: 7 } },
  'of an assistant': { ...ANY_CRON, assistantId },
  'of a thread': { ...ANY_CRON, threadId: idOf('thread', 8) },
  disabled: { ...ANY_CRON, enabled: false },
  'enabled, of an assistant': { ...ANY_CRON, assistantId, enabled: true },
  ...visible(ANY_CRON),
}

/** Crons as clients ask for them. */
export function cronCases(book: PlanBook): StatementCase[] {
  const crons = book.watched('CronsRepository', new CronsRepository())
  const cron = { cronId, assistantId, schedule: '* * * * *', payload: {}, metadata: {}, userId: null, creator: null }
  const data = { ...cron, enabled: true } as unknown as CronData
  return [
    ...combined({ any: ANY_CRON, ...CRON_FILTERS }, ordersBy(CRON_SORT_FIELDS)).map(
      ([title, filter, order]): StatementCase => [title, (q) => crons.search(q, filter, order, page)],
    ),
    ['count, any', (q) => crons.count(q, ANY_CRON)],
    ...Object.entries(CRON_FILTERS).map(([title, filter]): StatementCase => [
      `count, ${title}`,
      (q) => crons.count(q, filter),
    ]),
    ['insert', (q) => crons.insert(q, data)],
    ['find', (q) => crons.find(q, cronId)],
    ['lock', (q) => crons.lock(q, cronId)],
    ['update', (q) => crons.update(q, data)],
    ['delete', (q) => crons.delete(q, cronId, null)],
    ['delete own', (q) => crons.delete(q, cronId, VISIBILITIES['seen by their owner']!)],
  ]
}

/** What the schedulers look for. */
export function dueCronCases(book: PlanBook): StatementCase[] {
  const due = book.watched('DueCronsRepository', new DueCronsRepository())
  const occurrence = { cronId, dueAt: NOW }
  const firing = { ...occurrence, assistantId, threadId: null }
  return [
    ['due', (q) => due.due(q, { now: NOW, except: [], limit: 100 })],
    ['due but for one', (q) => due.due(q, { now: NOW, except: [occurrence], limit: 100 })],
    ['the next', (q) => due.earliest(q, [])],
    ['the next but for one', (q) => due.earliest(q, [occurrence])],
    ['claim', (q) => due.claim(q, firing)],
    ['move on', (q) => due.moveOn(q, cronId, NOW)],
    ['disable', (q) => due.disable(q, cronId, { reason: 'gone', now: NOW })],
  ]
}

function visible<Filter extends object>(any: Filter): Record<string, Filter> {
  return Object.fromEntries(Object.entries(VISIBILITIES).map(([title, visibility]) => [title, { ...any, visibility }]))
}
