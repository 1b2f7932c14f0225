import 'reflect-metadata'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freshDatabase, type ReceivedRequest, Receiver, TEST_DATABASE, type TestDatabaseSettings } from '#testing'
import { describeKill, type KillPlan, planKill } from '../support/kill-plan.js'
import { auditOutbox, NOTHING_BROKEN } from '../support/outbox-audit.js'
import { type AcceptedRun, loadUntilGone } from '../support/run-load.js'
import { seededRandom } from '../support/seeded-random.js'
import { ServerProcess } from '../support/server-process.js'
import { bodyOf } from '../support/webhook-log.js'

const ROUNDS = Number(process.env['SIGNALBOX_TEST_KILL_ROUNDS'] ?? 6)
const SEED = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Date.now() % 1_000_000)

/** How many requests are under way at once. */
const CLIENTS = 16
/** A round without its event, for example too few webhooks, is killed after this, in ms. */
const ROUND_LIMIT_MS = 3_000
/** How long the last server may take to bring everything to its end, in ms. */
const SETTLE_LIMIT_MS = 60_000

const ENVIRONMENT = {
  SIGNALBOX_WEBHOOK_TIMEOUT: '500ms',
  // Every kill counts as an attempt of what is in flight: none may run out of them.
  SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: Array<string>(400).fill('60ms').join(),
}

let fresh: TestDatabaseSettings
let receiver: Receiver
let server: ServerProcess | null

beforeEach(async () => {
  fresh = await freshDatabase()
  receiver = await Receiver.start()
  server = null
})
afterEach(async () => {
  await server?.kill()
  await receiver.close()
  await fresh.remove()
})

it(
  `brings the webhook of every run, wherever the kills fall (seed ${SEED}, ${ROUNDS} rounds)`,
  { timeout: 90_000 + ROUNDS * 15_000 },
  async () => {
    const random = seededRandom(SEED)
    const plans = Array.from({ length: ROUNDS }, () => planKill(random))
    const accepted: AcceptedRun[] = []
    for (const plan of plans) await round(plan, random, accepted)
    receiver.otherwise({ status: 200 })
    const duplicates = await settleAndStop()
    const audit = await auditOutbox(fresh.settings)
    const story = `seed ${SEED}, kills: ${plans.map(describeKill).join(', ')}; ${accepted.length} runs accepted, ${audit.deliveries.length} ended with a webhook, ${receiver.requests.length} requests, ${duplicates} of them repeated`
    process.stdout.write(`webhook-kill on ${TEST_DATABASE}: ${story}\n`)
    expect(audit.broken, story).toEqual(NOTHING_BROKEN)
    const ended = new Set(audit.deliveries.map(({ runId }) => runId))
    expect(
      accepted.filter(({ runId }) => !ended.has(runId)),
      story,
    ).toEqual([])
    expect(
      accepted.filter(({ runId, isKept }) => isKept && !audit.runIds.has(runId)),
      story,
    ).toEqual([])
    const came = byDeliveryId(receiver.requests)
    expect([...came.keys()].sort(), story).toEqual(audit.deliveries.map(({ deliveryId }) => deliveryId).sort())
    const differing = audit.deliveries.filter(({ deliveryId, body }) => {
      return came.get(deliveryId)?.some((request) => body === null || !request.body.equals(body))
    })
    expect(differing, story).toEqual([])
  },
)

/** One server's life: from its start, or a part of it, to its kill. */
async function round(plan: KillPlan, random: () => number, accepted: AcceptedRun[]): Promise<void> {
  const options = { database: fresh.settings, environment: ENVIRONMENT }
  if (plan.at === 'start') {
    receiver.otherwise(() => moodyAnswer(random))
    return ServerProcess.killWhileStarting(options, plan.afterMs)
  }
  const moment = prepareMoment(plan, random)
  server = await ServerProcess.start(options)
  const { url } = server
  const load = { url, webhook: receiver.url('/hook?a=%2F'), random, accepted: (run: AcceptedRun) => accepted.push(run) }
  const clients = Promise.all(Array.from({ length: CLIENTS }, () => loadUntilGone(load)))
  await Promise.race([moment(), pause(ROUND_LIMIT_MS), clients])
  await server.kill()
  await clients
}

/** Sets the receiver up for the round; what it answers resolves when the plan's moment has come. */
function prepareMoment(plan: Exclude<KillPlan, { at: 'start' }>, random: () => number): () => Promise<void> {
  let arrived = 0
  let come: () => void = () => {}
  const event = new Promise<void>((resolve) => (come = resolve))
  receiver.otherwise(() => {
    arrived += 1
    if (plan.at === 'moment' || arrived !== plan.count) return moodyAnswer(random)
    come()
    return plan.at === 'answer' ? { status: 200 } : 'hang'
  })
  if (plan.at === 'arrival') return () => event
  if (plan.at === 'answer') return () => event.then(() => pause(plan.afterMs))
  return () => pause(plan.afterMs)
}

/** What a receiver in trouble answers. */
function moodyAnswer(random: () => number) {
  const dice = random()
  if (dice < 0.55) return { status: 200 }
  if (dice < 0.75) return { status: 500 }
  if (dice < 0.9) return { status: 200, after: pause(random() * 400) }
  return dice < 0.96 ? ('reset' as const) : ('hang' as const)
}

/** Lets a last server bring everything to its end, and stops it politely; answers how many requests were repeated. */
async function settleAndStop(): Promise<number> {
  server = await ServerProcess.start({ database: fresh.settings, environment: ENVIRONMENT })
  const { url } = server
  await expect.poll(() => backlog(url), { timeout: SETTLE_LIMIT_MS, interval: 100 }).toEqual(NO_BACKLOG)
  expect(await server.stop()).toBe(0)
  return receiver.requests.length - byDeliveryId(receiver.requests).size
}

const NO_BACKLOG = { pending: 0, running: 0, queued: 0, retrying: 0, delivering: 0, dead: 0 }

async function backlog(url: string): Promise<typeof NO_BACKLOG> {
  const answer = await fetch(`${url}/metrics?format=json`)
  const { queue, webhooks } = (await answer.json()) as Record<string, Record<string, number>>
  const { n_pending: pending = NaN, n_running: running = NaN } = queue ?? {}
  const { queued = NaN, retrying = NaN, delivering = NaN, dead = NaN } = webhooks ?? {}
  return { pending, running, queued, retrying, delivering, dead }
}

/** @throws Error where two runs share a delivery id, or one run has two. */
function byDeliveryId(requests: readonly ReceivedRequest[]): Map<string, ReceivedRequest[]> {
  const found = new Map<string, ReceivedRequest[]>()
  for (const request of requests) {
    const id = String(request.headers['webhook-id'])
    found.set(id, [...(found.get(id) ?? []), request])
  }
  const runs = new Set<string>()
  for (const [id, [first]] of found) {
    const { run_id: runId } = bodyOf(first as ReceivedRequest)
    if (runs.has(runId)) throw new Error(`run ${runId} came under a second delivery id, ${id}`)
    runs.add(runId)
  }
  return found
}
