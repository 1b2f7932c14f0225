import { DeliveriesRepository } from '../../libs/webhooks/admin/deliveries.repository.js'
import type { DeliveryFilter } from '../../libs/webhooks/admin/delivery-filter.js'
import { StatsRepository } from '../../libs/webhooks/admin/stats.repository.js'
import { BreakersRepository } from '../../libs/webhooks/breakers.repository.js'
import type { AttemptOutcome } from '../../libs/webhooks/claimed-delivery.js'
import { RetentionRepository } from '../../libs/webhooks/retention/retention.repository.js'
import { SwitchRepository } from '../../libs/webhooks/switch/switch.repository.js'
import { DELIVERY_STATUSES } from '../../libs/webhooks/webhook-delivery.entity.js'
import { type NewDelivery, WebhooksRepository } from '../../libs/webhooks/webhooks.repository.js'
import { idOf, NOW } from './big-tables.js'
import type { PlanBook } from './plan-book.js'
import type { StatementCase } from './statement-case.js'

const HOST = 'https://h7.example:443'
const deliveryId = idOf('delivery', 7)
const later = new Date(NOW.getTime() + 60_000)
const earlier = new Date(NOW.getTime() - 86_400_000)
const position = { createdMicros: String(earlier.getTime() * 1_000), deliveryId }
const claims = [{ deliveryId, attempts: 1 }]
const probe = { probeAt: later, delayMs: 1_000 }
const ground = { now: NOW, workerId: 'worker 1', leaseUntil: later, limit: 100, perHost: 10, after: '' }
const outcome = { deliveryId, claimedBy: 'worker 1', attempt: 1, status: 'delivered' } as AttemptOutcome

/** What dispatchers send all the time. */
export function dispatcherCases(book: PlanBook): StatementCase[] {
  const outbox = book.watched('WebhooksRepository', new WebhooksRepository())
  const breakers = book.watched('BreakersRepository', new BreakersRepository())
  return [
    ['insert', (q) => outbox.insert(q, { deliveryId } as NewDelivery)],
    ['claim', (q) => outbox.claim(q, { ...ground, known: [] })],
    ['claim, hosts known', (q) => outbox.claim(q, { ...ground, known: [{ host: HOST, held: 3, room: 7 }] })],
    ['claim, further hosts', (q) => outbox.claim(q, { ...ground, known: [], after: HOST })],
    ['read a body', (q) => outbox.readBody(q, deliveryId)],
    [
      'store outcomes',
      (q) =>
        outbox.storeOutcomes(
          q,
          Array.from({ length: 100 }, () => outcome),
          NOW,
        ),
    ],
    ['hand back', (q) => outbox.handBack(q, 'worker 1', claims)],
    ['renew', (q) => outbox.renew(q, 'worker 1', claims, later)],
    ['recover', (q) => outbox.recoverLost(q, NOW, 10, { workerId: 'worker 1', held: claims })],
    ['take over', (q) => outbox.takeOver(q, 'worker 1', NOW, 10)],
    ['expire', (q) => outbox.expire(q, NOW)],
    ['metrics', (q) => outbox.backlog(q, NOW)],
    ['next due', (q) => outbox.earliestDue(q, NOW)],
    ['open a breaker', (q) => breakers.open(q, HOST, NOW, probe)],
    ['postpone a probe', (q) => breakers.postpone(q, HOST, probe)],
    ['close a breaker', (q) => breakers.close(q, HOST)],
    ['still open', (q) => breakers.stillOpen(q, [HOST])],
    ['drop idle breakers', (q) => breakers.dropIdle(q, later)],
  ]
}

/** The sweep of what is over, and the switch. */
export function sweepCases(book: PlanBook): StatementCase[] {
  const retention = book.watched('RetentionRepository', new RetentionRepository())
  const theSwitch = book.watched('SwitchRepository', new SwitchRepository())
  const cutoffs = { settledBodies: earlier, deadBodies: earlier, rows: earlier }
  const change = { disabled: true, changedAt: NOW, by: null, address: null, reason: null, discarded: null }
  return [
    ['empty bodies', (q) => retention.emptySettled(q, cutoffs, null, 1_000)],
    ['empty bodies, next batch', (q) => retention.emptySettled(q, cutoffs, earlier, 1_000)],
    ['empty bodies of the dead', (q) => retention.emptyDead(q, cutoffs, null, 1_000)],
    ['remove', (q) => retention.removeRows(q, cutoffs, null, 1_000)],
    ['remove, next batch', (q) => retention.removeRows(q, cutoffs, earlier, 1_000)],
    ['the switch', (q) => theSwitch.isOff(q)],
    ['its state', (q) => theSwitch.readState(q)],
    ['lock it', (q) => theSwitch.lockState(q)],
    ['turn it', (q) => theSwitch.turn(q, change)],
    ['record the change', (q) => theSwitch.record(q, change)],
    ['its history', (q) => theSwitch.readHistory(q, 20)],
    ['count what is held', (q) => theSwitch.countPending(q, 10_000)],
    ['note what was discarded', (q) => theSwitch.noteDiscarded(q, 1)],
    ['off by the file', (q) => theSwitch.noteFile(q, true, NOW)],
    ['on by the file', (q) => theSwitch.noteFile(q, false, NOW)],
    ['cancel what is held', (q) => theSwitch.cancelHeld(q, NOW, null, 1_000)],
    [
      'cancel what is held, next batch',
      (q) => theSwitch.cancelHeld(q, NOW, { dueAt: NOW.toISOString(), deliveryId }, 1_000),
    ],
  ]
}

const any: DeliveryFilter = {
  status: null,
  runId: null,
  threadId: null,
  host: null,
  createdAfter: null,
  createdBefore: null,
}

/** Each filter of a list by itself; those of time with a state and a host too. */
const FILTERS: Readonly<Record<string, DeliveryFilter>> = {
  ...Object.fromEntries(DELIVERY_STATUSES.map((status) => [status, { ...any, status }])),
  'of a run': { ...any, runId: idOf('run', 7) },
  'of a thread': { ...any, threadId: idOf('thread', 7) },
  'of a host': { ...any, host: HOST },
  'of a bare host': { ...any, host: 'h7.example' },
  'of a host that is not there': { ...any, host: 'https://h999.example:443' },
  since: { ...any, createdAfter: earlier },
  until: { ...any, createdBefore: earlier },
  'dead of a host since': { ...any, status: 'dead', host: HOST, createdAfter: earlier },
}

/** What administrators ask. */
export function adminCases(book: PlanBook): StatementCase[] {
  const deliveries = book.watched('DeliveriesRepository', new DeliveriesRepository())
  const stats = book.watched('StatsRepository', new StatsRepository())
  const requeued = { now: NOW, giveUpAt: later }
  const lists = Object.entries({ any, ...FILTERS }).flatMap(([title, filter]): StatementCase[] => {
    const matched = { filter, hostKeys: filter.host === null ? null : [filter.host] }
    return [
      [`list, ${title}`, (q) => deliveries.list(q, filter, null, 100)],
      [`list, ${title}, next page`, (q) => deliveries.list(q, filter, position, 100)],
      [`redeliver, ${title}`, (q) => deliveries.requeueNext(q, matched, null, requeued, 100)],
      [`redeliver, ${title}, next batch`, (q) => deliveries.requeueNext(q, matched, position, requeued, 100)],
    ]
  })
  return [
    ...lists,
    ['find', (q) => deliveries.find(q, deliveryId)],
    ['attempts', (q) => deliveries.attemptsOf(q, deliveryId)],
    ['lock', (q) => deliveries.lock(q, deliveryId)],
    ['redeliver one', (q) => deliveries.requeue(q, deliveryId, requeued)],
    ['cancel', (q) => deliveries.cancel(q, deliveryId, NOW)],
    ['keys of a host', (q) => deliveries.hostKeys(q, { ...any, host: 'h7.example' })],
    ['count a slice', (q) => stats.countSlice(q, earlier, null, 1_000)],
    ['count the next slice', (q) => stats.countSlice(q, earlier, position, 1_000)],
    ['durations', (q) => stats.durations(q, earlier, 1_000)],
    ['details of hosts', (q) => stats.hostDetails(q, earlier, 100, [HOST], NOW)],
    ['oldest due', (q) => stats.oldestDue(q, NOW)],
  ]
}
