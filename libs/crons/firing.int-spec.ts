import 'reflect-metadata'
import { SchedulerRegistry } from '@nestjs/schedule'
import { describe, expect, it, vi } from 'vitest'
import { EventBus } from '#events'
import { systemAssistantId } from '#kernel'
import { WebhookDispatcher } from '#webhooks'
import { outbox } from '../runs/runs-app.spec.support.js'
import type { CronsUnderTest } from './crons-app.spec.support.js'
import { NEXT_LOOK } from './cron-clock.js'
import { CronFiring } from './cron-firing.js'
import { CronsRoom } from './crons-app.spec.support.js'
import { DueCronsRepository } from './due-crons.repository.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

describe('a scheduler', () => {
  const room = CronsRoom.use()
  const start = () => room.crons.scheduler.start()

  it('makes a run at each date of the schedule, and none before', async () => {
    start()
    const { cron_id: id, next_run_date } = await room.crons.make()
    expect(next_run_date).toBe('2026-01-01T00:01:00.000Z')
    await room.advance(MINUTE - 1)
    expect(await room.fired()).toEqual([])
    await room.advance(1)
    expect(await room.fired()).toHaveLength(1)
    expect((await room.crons.get(id)).next_run_date).toBe('2026-01-01T00:02:00.000Z')
    for (let minute = 0; minute < 4; minute += 1) await room.advance(MINUTE)
    expect(await room.fired()).toHaveLength(5)
  })

  it('creates the run with the payload, in the name of the cron', async () => {
    start()
    const cron = await room.crons.make({
      input: { a: 1 },
      metadata: { of: 'cron' },
      config: { configurable: { model: 'm', cron_id: 'forged' }, tags: ['t'] },
      context: { tone: 'warm' },
      webhook: 'http://127.0.0.1:8099/hook',
      interrupt_before: ['a'],
      interrupt_after: '*',
      stream_mode: 'updates',
      stream_subgraphs: true,
      stream_resumable: true,
      durability: 'exit',
    })
    await room.advance(MINUTE)
    const [run] = await room.fired()
    expect(run).toMatchObject({
      temporary: true,
      webhook: 'http://127.0.0.1:8099/hook',
      metadata: { of: 'cron', assistant_id: systemAssistantId('graph') },
      kwargs: {
        input: { a: 1 },
        config: { configurable: { model: 'm', cron_id: cron.cron_id }, tags: ['t'], metadata: { of: 'cron' } },
        context: { tone: 'warm' },
        webhook: 'http://127.0.0.1:8099/hook',
        interrupt_before: ['a'],
        interrupt_after: '*',
        stream_mode: ['updates'],
        subgraphs: true,
        resumable: true,
        durability: 'exit',
      },
    })
  })

  it('gives the run the metadata of the cron and over them those of the payload', async () => {
    start()
    const { cron_id: id } = await room.crons.make({ metadata: { of: 'payload' } })
    const metadata = JSON.stringify({ of: 'cron', owner: 'ann' })
    await room.db.database.query('UPDATE crons SET metadata = $2 WHERE cron_id = $1', [id, metadata])
    await room.advance(MINUTE)
    expect((await room.fired())[0]?.metadata).toMatchObject({ of: 'payload', owner: 'ann' })
  })

  it('gives each firing a thread of its own, which goes with its run or stays', async () => {
    start()
    await room.crons.make()
    const { cron_id: staying } = await room.crons.make({ on_run_completed: 'keep' })
    await room.advance(MINUTE)
    await room.advance(MINUTE)
    await room.caughtUp()
    const runs = await room.fired()
    expect(new Set(runs.map(({ threadId }) => threadId)).size).toBe(4)
    const kept = runs.filter(({ temporary }) => !temporary)
    expect(kept.map(({ kwargs }) => kwargs.config.configurable['cron_id'])).toEqual([staying, staying])
  })

  it('makes the runs of a thread’s cron on it, by its strategy, and leaves no trace of it for other runs', async () => {
    start()
    const threadId = await room.crons.runs.makeThread()
    const { cron_id: id, on_run_completed } = await room.crons.make({ on_run_completed: 'keep' }, threadId)
    expect(on_run_completed).toBeNull()
    await room.advance(MINUTE)
    await room.advance(MINUTE)
    await room.crons.runs.create(threadId)
    const runs = await room.fired()
    expect(runs.map((run) => [run.threadId, run.temporary, run.strategy])).toEqual(
      [0, 1, 2].map(() => [threadId, false, 'enqueue']),
    )
    expect(runs.map(({ kwargs }) => kwargs.config.configurable['cron_id'])).toEqual([id, id, undefined])
  })

  it('skips the occurrence for which the thread is busy under reject, and interrupts when told so', async () => {
    start()
    const threadId = await room.crons.runs.makeThread()
    const busy = await room.crons.runs.create(threadId, { afterSeconds: 3_600 })
    const { cron_id: id } = await room.crons.make({ multitask_strategy: 'reject' }, threadId)
    await room.advance(MINUTE)
    expect(await room.fired()).toHaveLength(1)
    expect(await room.crons.get(id)).toMatchObject({
      enabled: true,
      disabled_reason: null,
      next_run_date: '2026-01-01T00:02:00.000Z',
    })
    await room.crons.runs.cancel(busy)
    await room.advance(MINUTE)
    expect(await room.fired()).toHaveLength(2)
    await room.crons.patch(id, { multitask_strategy: 'interrupt' })
    await room.advance(MINUTE)
    expect((await room.fired()).map(({ status }) => status).sort()).toEqual(['interrupted', 'interrupted', 'pending'])
  })

  it('skips it alone: those that are late behind it are still to be fired', async () => {
    const threadId = await room.crons.runs.makeThread()
    await room.crons.runs.create(threadId, { afterSeconds: 3_600 })
    const wanted = { schedule: '* * * * * *', multitask_strategy: 'reject' }
    const { cron_id: cronId, assistant_id: assistantId } = await room.crons.make(wanted, threadId)
    const dueAt = new Date(room.clock.now().getTime() + SECOND)
    await room.clock.advance(3 * SECOND)
    expect(await room.crons.runs.app.get(CronFiring).fire({ cronId, assistantId, threadId, dueAt })).toBe(true)
    expect((await room.crons.get(cronId)).next_run_date).toBe('2026-01-01T00:00:02.000Z')
  })

  it('disables a cron whose graph is gone, saying why; enabling goes on from now', async () => {
    start()
    const { cron_id: id, updated_at } = await room.crons.make()
    await room.db.database.query(`UPDATE assistants SET graph_id = 'gone'`)
    await room.advance(MINUTE)
    const disabled = await room.crons.get(id)
    expect(disabled).toMatchObject({ enabled: false, disabled_reason: 'Graph "gone" not found' })
    expect(disabled.updated_at > updated_at).toBe(true)
    const { disabled_reason: reason } = disabled
    for (const change of [{ input: 1 }, { enabled: false }]) {
      expect(await room.crons.patch(id, change)).toMatchObject({ enabled: false, disabled_reason: reason })
    }
    await room.clock.advance(HOUR + 30 * SECOND)
    await room.db.database.query(`UPDATE assistants SET graph_id = 'graph'`)
    expect(await room.crons.patch(id, { enabled: true })).toMatchObject({
      enabled: true,
      disabled_reason: null,
      next_run_date: '2026-01-01T01:02:00.000Z',
    })
    expect(await room.fired()).toEqual([])
    await room.advance(MINUTE)
    expect(await room.fired()).toHaveLength(1)
  })

  it('fires nothing of a disabled cron, nor what was missed while it was', async () => {
    start()
    const { cron_id: id } = await room.crons.make({ enabled: false })
    await room.clock.advance(5 * MINUTE + 1)
    expect(await room.fired()).toEqual([])
    expect((await room.crons.patch(id, { enabled: true })).next_run_date).toBe('2026-01-01T00:06:00.000Z')
    await room.advance(MINUTE)
    expect(await room.fired()).toHaveLength(1)
  })

  it('fires no more once the end has passed', async () => {
    start()
    const { cron_id: id } = await room.crons.make({ end_time: '2026-01-01T00:02:00Z' })
    await room.advance(MINUTE)
    await room.advance(MINUTE)
    expect((await room.crons.get(id)).next_run_date).toBeNull()
    await room.advance(10 * MINUTE)
    expect(await room.fired()).toHaveLength(2)
    expect((await room.crons.patch(id, { end_time: null })).next_run_date).toBe('2026-01-01T00:13:00.000Z')
  })

  it('makes the run though its webhook is refused by now: the delivery tells it', async () => {
    start()
    await room.crons.make({ webhook: 'http://127.0.0.1:8099/hook' })
    await room.db.database.query(`UPDATE crons SET payload = jsonb_set(payload, '{webhook}', '"ftp://127.0.0.1/hook"')`)
    await room.advance(MINUTE)
    const [run] = await room.fired()
    expect(run).toMatchObject({ status: 'pending', webhook: 'ftp://127.0.0.1/hook' })
    room.crons.runs.worker.start()
    room.crons.runs.executor.endAll()
    await room.crons.runs.end({ runId: run?.runId ?? '' })
    expect(await outbox(room.db)).toMatchObject([{ url: 'ftp://127.0.0.1/hook', body: { run_id: run?.runId } }])
    const dispatcher = room.crons.runs.app.get(WebhookDispatcher, { strict: false })
    dispatcher.start()
    const ends = 'SELECT status, last_error_code AS code, attempts FROM webhook_deliveries WHERE settled_at IS NOT NULL'
    await expect
      .poll(async () => (await room.db.database.query(ends)).rows)
      .toEqual([{ status: 'dead', code: 'blocked', attempts: 1 }])
    await room.crons.runs.advanceUntil(dispatcher.stop(0))
  })

  it('is woken by a cron that is made', async () => {
    await startedAndAsleep()
    await room.crons.make({ schedule: '* * * * * *' })
    await room.advance(SECOND)
    expect(await room.fired()).toHaveLength(1)
  })

  it('is woken by a cron that is changed', async () => {
    const asleep = await startedAndAsleep()
    const { cron_id: id } = await room.crons.make({ schedule: '0 0 1 1 *' })
    await asleep()
    await room.crons.patch(id, { schedule: '* * * * * *' })
    await room.advance(SECOND)
    expect(await room.fired()).toHaveLength(1)
  })

  it('finds those of others within 5 s, and fires what was due meanwhile', async () => {
    const other = await room.another()
    await startedAndAsleep()
    await other.make({ schedule: '* * * * * *' })
    await room.clock.advance(5 * SECOND - 1)
    expect(await room.fired()).toEqual([])
    await room.advance(1)
    expect(await room.fired()).toHaveLength(5)
  })

  /** What it gives waits until the scheduler sleeps. */
  async function startedAndAsleep(): Promise<() => Promise<unknown>> {
    const timers = room.clock.waiting + 1
    const asleep = () => vi.waitUntil(() => room.clock.waiting === timers, { timeout: 10_000, interval: 5 })
    start()
    await asleep()
    return asleep
  }
})

describe('what was missed', () => {
  const room = CronsRoom.use()

  it.each<[what: string, schedule: string, downMs: number, runs: number, next: string]>([
    ['each second for a minute: each is fired, the first late by 59 s', '* * * * * *', MINUTE, 60, '00:01:01'],
    ['each second, the first for a minute: one run, then from now', '* * * * * *', MINUTE + SECOND, 1, '00:01:02'],
    ['one, late by 59 s: it is fired', '0 0 * * *', 24 * HOUR + 59 * SECOND, 1, '00:00:00'],
    ['one, late by a minute: it is fired', '0 0 * * *', 24 * HOUR + MINUTE, 1, '00:00:00'],
    ['each minute for an hour: one run, then from now', '* * * * *', HOUR + 30 * SECOND, 1, '01:01:00'],
    ['each second for an hour: one run, then from now', '* * * * * *', HOUR, 1, '01:00:01'],
  ])('%s', async (_what, schedule, downMs, runs, next) => {
    const { cron_id: id } = await room.crons.make({ schedule })
    await room.clock.advance(downMs)
    room.crons.scheduler.start()
    await room.caughtUp()
    expect(await room.fired()).toHaveLength(runs)
    expect((await room.crons.get(id)).next_run_date).toContain(`T${next}.000Z`)
  })

  it('is not made up for when the end has passed, but for what is late by seconds', async () => {
    const { cron_id: long } = await room.crons.make({ end_time: '2026-01-01T00:01:00Z' })
    const { cron_id: late } = await room.crons.make({ schedule: '5 * * * *', end_time: '2026-01-01T00:05:00Z' })
    await room.clock.advance(5 * MINUTE + 30 * SECOND)
    room.crons.scheduler.start()
    await room.caughtUp()
    expect((await room.fired()).map(({ kwargs }) => kwargs.config.configurable['cron_id'])).toEqual([late])
    expect([(await room.crons.get(long)).next_run_date, (await room.crons.get(late)).next_run_date]).toEqual([
      null,
      null,
    ])
  })

  it('fires right over a change of the clocks', async () => {
    const zone = { timezone: 'Europe/Berlin', schedule: '30 2 * * *' }
    await room.clock.advance(Date.parse('2026-03-29T00:59:50Z') - room.clock.now().getTime())
    const { cron_id: id, next_run_date } = await room.crons.make(zone)
    expect(next_run_date).toBe('2026-03-29T01:00:00.000Z')
    room.crons.scheduler.start()
    await room.advance(10 * SECOND)
    expect(await room.fired()).toHaveLength(1)
    expect((await room.crons.get(id)).next_run_date).toBe('2026-03-30T00:30:00.000Z')
  })
})

describe('what a scheduler looks for', () => {
  const room = CronsRoom.use()
  const repository = () => room.crons.runs.app.get(DueCronsRepository)
  const due = () => repository().due(room.db.database, { now: room.clock.now(), except: [], limit: 1 })

  it('is not a cron that is disabled, though its date has come: it would look again and again', async () => {
    await room.crons.make({ enabled: false })
    await room.clock.advance(MINUTE)
    expect([await due(), await repository().earliest(room.db.database, [])]).toEqual([[], null])
  })

  it('is the cron that has waited for longest', async () => {
    await room.crons.make()
    const { cron_id: cronId } = await room.crons.make({ schedule: '* * * * * 30' })
    await room.clock.advance(MINUTE)
    expect(await due()).toMatchObject([{ cronId, dueAt: new Date('2026-01-01T00:00:30Z') }])
  })
})

describe('several schedulers on one database', () => {
  const room = CronsRoom.use()

  it('make exactly 60 runs in 60 s of a cron of each second', async () => {
    const all = [room.crons, await room.another(), await room.another()]
    for (const { scheduler } of all) scheduler.start()
    const { cron_id: id } = await room.crons.make({ schedule: '* * * * * *' })
    const threadId = await room.crons.runs.makeThread()
    const { cron_id: onThread } = await room.crons.make({ schedule: '* * * * * *' }, threadId)
    const occurrences = watchFirings(all)
    // A tenth at a time: a scheduler that met another at its work looks again after one.
    for (let tenth = 0; tenth < 600; tenth += 1) {
      await room.clock.advance(100)
      if (tenth % 10 === 9) await room.caughtUp()
    }
    // A run is seen in its table before the scheduler that has made it tells so.
    await Promise.all(all.map(({ scheduler }) => scheduler.stop()))
    const runs = await room.fired()
    const of = (cronId: string) => runs.filter(({ kwargs }) => kwargs.config.configurable['cron_id'] === cronId)
    expect([of(id).length, of(onThread).length]).toEqual([60, 60])
    for (const cronId of [id, onThread]) {
      expect([occurrences.get(cronId)?.length, new Set(occurrences.get(cronId)).size]).toEqual([60, 60])
    }
    expect((await room.crons.get(id)).next_run_date).toBe('2026-01-01T00:01:01.000Z')
  })

  it('go on with the next occurrence at once when the one that was read was fired meanwhile', async () => {
    room.crons.scheduler.start()
    const { cron_id: cronId } = await room.crons.make({ schedule: '* * * * * *' })
    await room.advance(SECOND)
    const repository = room.crons.runs.app.get(DueCronsRepository)
    const now = new Date(room.clock.now().getTime() + SECOND)
    const [next] = await repository.due(room.db.database, { now, except: [], limit: 1 })
    if (!next) throw new Error('the cron waits for its next occurrence')
    const stale = vi.spyOn(repository, 'due').mockResolvedValueOnce([{ ...next, dueAt: room.clock.now() }])
    await room.advance(SECOND)
    expect(stale.mock.calls.length).toBeGreaterThan(1)
    expect((await room.fired()).map(({ kwargs }) => kwargs.config.configurable['cron_id'])).toEqual([cronId, cronId])
  })

  it('fire nothing of a cron that was disabled since it was read', async () => {
    const { cron_id: cronId, assistant_id: assistantId } = await room.crons.make()
    await room.crons.patch(cronId, { enabled: false })
    await room.clock.advance(MINUTE)
    const due = { cronId, assistantId, threadId: null, dueAt: room.clock.now() }
    expect(await room.crons.runs.app.get(CronFiring).fire(due)).toBe(false)
    expect(await room.fired()).toEqual([])
  })

  it('fire what a crash between the run and the next date has left, once', async () => {
    const crashing = await room.another()
    let crashes = 0
    crashing.runs.app.get(EventBus).inTransaction('cron.fired', 'spec', () => {
      crashes += 1
      return Promise.reject(new Error('the process is killed'))
    })
    await room.crons.make()
    crashing.scheduler.start()
    await room.clock.advance(MINUTE)
    while (crashes === 0) await room.clock.advance(100)
    await crashing.scheduler.stop()
    expect(await room.fired()).toEqual([])
    room.crons.scheduler.start()
    await room.caughtUp()
    expect(await room.fired()).toHaveLength(1)
  })

  it('keep on while one cron cannot be fired', async () => {
    room.crons.runs.app.get(EventBus).inTransaction('cron.fired', 'spec', (_tx, { cronId }) => {
      return cronId === broken ? Promise.reject(new Error('no luck')) : Promise.resolve()
    })
    const { cron_id: broken } = await room.crons.make()
    const { cron_id: id } = await room.crons.make()
    room.crons.scheduler.start()
    await room.advance(MINUTE, id)
    expect((await room.fired()).map(({ kwargs }) => kwargs.config.configurable['cron_id'])).toEqual([id])
  })

  it('try one that always fails less and less often, up to once a minute', async () => {
    let tries = 0
    room.crons.runs.app.get(EventBus).inTransaction('cron.fired', 'spec', () => {
      tries += 1
      return tries === 9 ? Promise.resolve() : Promise.reject(new Error('no luck'))
    })
    await room.crons.make({ schedule: '0 * * * *' })
    const timers = room.clock.waiting + 1
    const asleep = () => vi.waitUntil(() => room.clock.waiting === timers, { timeout: 10_000, interval: 5 })
    room.crons.scheduler.start()
    await asleep()
    await room.clock.advance(HOUR)
    for (const [failures, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      await vi.waitUntil(() => tries === failures + 1, { timeout: 10_000, interval: 5 })
      await asleep()
      await room.clock.advance(seconds * SECOND - 1)
      await asleep()
      expect(tries).toBe(failures + 1)
      await room.clock.advance(1)
    }
    await room.caughtUp()
    expect(tries).toBe(9)
    expect(await room.fired()).toHaveLength(1)
  })

  it('wait for their next look by a timeout of the registry of @nestjs/schedule', async () => {
    const registry = room.crons.runs.app.get(SchedulerRegistry)
    const { cron_id: id } = await room.crons.make()
    room.crons.scheduler.start()
    await vi.waitUntil(() => registry.doesExist('timeout', NEXT_LOOK), { timeout: 10_000, interval: 5 })
    await room.advance(MINUTE, id)
    expect(await room.fired()).toHaveLength(1)
    await vi.waitUntil(() => registry.doesExist('timeout', NEXT_LOOK), { timeout: 10_000, interval: 5 })
    await room.crons.scheduler.stop()
    expect(registry.getTimeouts()).toEqual([])
  })

  it('fire nothing more once they are told to stop than the four that they may have in hand', async () => {
    const stopping: Promise<void>[] = []
    room.crons.runs.app.get(EventBus).inTransaction('cron.fired', 'spec', () => {
      stopping.push(room.crons.scheduler.stop())
      return Promise.resolve()
    })
    for (let cron = 0; cron < 10; cron += 1) await room.crons.make()
    await room.clock.advance(MINUTE)
    room.crons.scheduler.start()
    await vi.waitUntil(() => stopping.length > 0, { timeout: 10_000, interval: 5 })
    await Promise.all(stopping)
    expect((await room.fired()).length).toBeOneOf([1, 2, 3, 4])
  })

  it('are stopped once the occurrence in hand is fired', async () => {
    let letGo = () => {}
    const inHand = new Promise<void>((resolve) => (letGo = resolve))
    let isInHand = false
    room.crons.runs.app.get(EventBus).inTransaction('cron.fired', 'spec', () => {
      isInHand = true
      return inHand
    })
    await room.crons.make()
    room.crons.scheduler.start()
    await room.clock.advance(MINUTE)
    await vi.waitUntil(() => isInHand, { timeout: 10_000, interval: 5 })
    let isStopped = false
    const stopping = room.crons.scheduler.stop().then(() => (isStopped = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isStopped).toBe(false)
    letGo()
    await stopping
    expect(await room.fired()).toHaveLength(1)
  })

  it('leave nothing behind when they are stopped, and fire nothing any more', async () => {
    await room.crons.make({ schedule: '* * * * * *' })
    const before = room.clock.waiting
    room.crons.scheduler.start()
    await room.advance(SECOND)
    await room.crons.scheduler.stop()
    expect(room.clock.waiting).toBe(before)
    await room.clock.advance(10 * SECOND)
    expect(await room.fired()).toHaveLength(1)
  })
})

/** The occurrences that were fired, by cron. */
function watchFirings(all: readonly CronsUnderTest[]): Map<string, string[]> {
  const occurrences = new Map<string, string[]>()
  for (const { runs } of all) {
    runs.app.get(EventBus).afterCommit('cron.fired', 'spec', ({ cronId, dueAt }) => {
      occurrences.set(cronId, [...(occurrences.get(cronId) ?? []), dueAt.toISOString()])
    })
  }
  return occurrences
}
