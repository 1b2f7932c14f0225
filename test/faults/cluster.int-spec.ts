import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Receiver } from '#testing'
import { HAS_CLUSTERS } from '../support/cluster.js'
import { cronFaults, type EndedCron, endCrons, startCrons } from '../support/cron-audit.js'
import { describeScene, planScene, sufferScene } from '../support/fault-plan.js'
import { FaultyWire } from '../support/faulty-wire.js'
import { Fleet } from '../support/fleet.js'
import { httpProject } from '../support/http-project.js'
import { auditOutbox, NOTHING_BROKEN, type OutboxAudit, unsettled } from '../support/outbox-audit.js'
import { readAgain, type ReadStream, readTicks, ticksFaults } from '../support/resuming-reader.js'
import { type AcceptedRun, loadUntil } from '../support/run-load.js'
import { seededRandom } from '../support/seeded-random.js'
import type { WebhookBody } from '../support/webhook-log.js'
import { auditThreads, isWrittenBy } from '../support/thread-audit.js'

/** Set by `npm run test:faults -- --minutes N`. */
const LONG = process.env['SIGNALBOX_TEST_FAULT_MINUTES']
const MINUTES = Number(LONG ?? 0.25)
/** The short version meets every change with the same faults, the long one with others each time. */
const SEED = Number(process.env['SIGNALBOX_TEST_SEED'] ?? (LONG === undefined ? 21 : Date.now() % 1_000_000))

/** How many requests are under way at once, and how many streams. */
const CLIENTS = 6
const READERS = 3
const TICKS = { count: 40, everyMs: 40 }
/** How long everything may take to come to its end once nothing fails any more, in ms: claims of webhooks last 31 s. */
const SETTLE_LIMIT_MS = 90_000
/** Streams that ended this long ago can still be read, in ms. */
const RETENTION_MS = 60_000
/** Requests that a fault has met answer so. */
const isRefusal = (status: number) => status === 429 || status >= 500

const ENVIRONMENT = {
  SIGNALBOX_LEASE: '2s',
  // A connection that the network has forgotten is the server's for a while yet: there is room for all of them.
  SIGNALBOX_DATABASE_POOL: '6',
  SIGNALBOX_SHUTDOWN_GRACE: '1s',
  SIGNALBOX_WEBHOOK_TIMEOUT: '1s',
  SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: Array<string>(400).fill('100ms').join(),
}

interface Reading extends ReadStream {
  readonly endedAt: number
}

describe.skipIf(!HAS_CLUSTERS)('a deployment whose network and processes fail', () => {
  let fleet: Fleet
  let receiver: Receiver
  let wire: FaultyWire

  beforeEach(async () => {
    receiver = await Receiver.start()
    wire = await FaultyWire.start(receiver.url())
    const roles = ['api', 'api', 'worker', 'worker', 'worker'] as const
    fleet = await Fleet.start({ roles, config: httpProject({}), environment: ENVIRONMENT })
  })
  afterEach(async () => {
    await fleet?.close()
    await wire.close()
    await receiver.close()
  })

  const sdk = () => new Client({ apiUrl: fleet.balancer.url })
  const hook = () => new URL('/hook', wire.url).href

  /** Lets faults happen one after the other for the time that was asked for; tells which. */
  async function sufferAll(random: () => number): Promise<string> {
    const story: string[] = []
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end;) {
      const scene = planScene(random, fleet.members.length)
      story.push(describeScene(scene, fleet))
      await sufferScene(scene, fleet, wire)
    }
    return story.join(', ')
  }

  async function readUntil(isOver: () => boolean): Promise<Reading[]> {
    const readings: Reading[] = []
    while (!isOver()) {
      const read = await readTicks(sdk(), { ...TICKS, webhook: hook() })
      if (read) readings.push({ ...read, endedAt: Date.now() })
    }
    return readings
  }

  /** What is not as the tables promise, of runs and webhooks. */
  function lost(audit: OutboxAudit, accepted: readonly AcceptedRun[]): Record<string, unknown[]> {
    const ended = new Set(audit.deliveries.map(({ runId }) => runId))
    const bodies = new Map(audit.deliveries.map(({ deliveryId, body }) => [deliveryId, body]))
    const came = new Set(receiver.requests.map(({ headers }) => String(headers['webhook-id'])))
    return {
      'accepted and not ended': accepted.filter(({ runId }) => !ended.has(runId)),
      'accepted and gone': accepted.filter(({ runId, isKept }) => isKept && !audit.runIds.has(runId)),
      'never came': audit.deliveries.filter(({ deliveryId }) => !came.has(deliveryId)),
      'came with another body': receiver.requests.filter(({ headers, body }) => {
        return !bodies.get(String(headers['webhook-id']))?.equals(body)
      }),
    }
  }

  /** Streams that are not whole, read live or, where they are still kept, once more from their beginning. */
  async function brokenStreams(readings: readonly Reading[]): Promise<string[]> {
    const faults = readings.flatMap((read) => ticksFaults(read, TICKS.count).map((fault) => `${read.runId}: ${fault}`))
    for (const read of readings.filter(({ endedAt }) => endedAt > Date.now() - RETENTION_MS)) {
      const again = await readAgain(sdk(), read)
      faults.push(...ticksFaults(again, TICKS.count).map((fault) => `${read.runId} read again: ${fault}`))
    }
    return faults
  }

  it(`loses nothing and does nothing twice (seed ${SEED})`, { timeout: MINUTES * 60_000 + 300_000 }, async () => {
    const random = seededRandom(SEED)
    let isOver = false
    const accepted: AcceptedRun[] = []
    const noted = (run: AcceptedRun) => void accepted.push(run)
    const load = {
      url: fleet.balancer.url,
      webhook: hook(),
      random: seededRandom(SEED + 1),
      accepted: noted,
      isRefusal,
    }
    const started = await startCrons(sdk(), hook())
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => loadUntil(load, () => isOver)))
    const readers = Promise.all(Array.from({ length: READERS }, () => readUntil(() => isOver)))
    const suffering = sufferAll(random)
    // What fails here is told once the faults are over.
    await Promise.allSettled([Promise.race([clients, readers, suffering]), suffering])
    isOver = true
    const faults = await suffering
    const [readings] = await Promise.all([readers, clients])
    const crons = await endCrons(sdk(), started)
    const streams = await brokenStreams(readings.flat())
    await expect.poll(() => unsettled(fleet.database.settings), { timeout: SETTLE_LIMIT_MS, interval: 500 }).toBe(0)
    const codes = await Promise.all(fleet.members.map((member) => member.end('SIGTERM')))
    const audit = await auditOutbox(fleet.database.settings)
    const threads = await auditThreads(fleet.database.settings)
    const ends = countsOf(audit.deliveries.map(({ body }) => endOf(JSON.parse(String(body)) as WebhookBody)))
    const story = `seed ${SEED}; ${accepted.length} runs accepted, ended: ${ends}; ${readings.flat().length} streams; ${receiver.requests.length} webhooks; ${firings(crons)} occurrences; ${faults}`
    process.stdout.write(`cluster faults: ${story}\n`)
    expect(streams, story).toEqual([])
    expect(codes, story).toEqual(fleet.members.map(() => 0))
    expect(await cronFaults(fleet.database.settings, crons), story).toEqual([])
    expect(audit.broken, story).toEqual(NOTHING_BROKEN)
    expect(lost(audit, accepted), story).toEqual(
      Object.fromEntries(Object.keys(lost(audit, accepted)).map((what) => [what, []])),
    )
    expect(
      threads.filter(({ log, runs }) => !isWrittenBy(log, runs)),
      story,
    ).toEqual([])
  })
})

function firings(crons: readonly EndedCron[]): number {
  return crons.reduce((sum, { occurrences }) => sum + occurrences, 0)
}

/** As it stands in the story: a run that failed with the beginning of its reason. */
function endOf({ status, error }: WebhookBody): string {
  return status === 'error' ? `error (${JSON.stringify(error).slice(0, 60)}…)` : status
}

/** How often each word is there. */
function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ')
}
