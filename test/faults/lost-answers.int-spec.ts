import 'reflect-metadata'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HAS_CLUSTERS } from '../support/cluster.js'
import { Fleet, type FleetMember } from '../support/fleet.js'
import { httpProject } from '../support/http-project.js'
import { Outside } from '../support/outside.js'
import { WebhookLog } from '../support/webhook-log.js'

const ENVIRONMENT = { SIGNALBOX_LEASE: '2s', SIGNALBOX_DATABASE_POOL: '4' }

describe.skipIf(!HAS_CLUSTERS)('a process whose network loses what it carries', { timeout: 120_000 }, () => {
  const outside = Outside.use()
  let fleet: Fleet
  let api: FleetMember
  let worker: FleetMember
  let client: Client

  beforeEach(async () => {
    fleet = await Fleet.start({ roles: ['api', 'worker'], config: httpProject({}), environment: ENVIRONMENT })
    const [first, second] = fleet.members
    if (!first || !second) throw new Error('the fleet has two members')
    api = first
    worker = second
    client = new Client({ apiUrl: fleet.balancer.url, callerOptions: { maxRetries: 0 } })
  })
  afterEach(() => fleet?.close())

  const ended = { log: ['first', 'second'] }

  it('ends a run once whose commit was stored and never answered', async () => {
    const { threadId, runId } = await outside.waitingRun(client)
    const lost = worker.postgres.loseAnswerTo('INSERT INTO run_results', 'COMMIT')
    outside.gate.open()
    await lost
    worker.postgres.cut()
    expect(await client.runs.join(threadId, runId)).toMatchObject(ended)
    expect(await client.runs.get(threadId, runId)).toMatchObject({ status: 'success' })
    await new WebhookLog(outside.receiver).all([runId])
    expect(await client.threads.get(threadId)).toMatchObject({ status: 'idle', values: ended })
    expect(await client.runs.wait(threadId, 'echo', { input: {} })).toMatchObject({ log: ['first', 'second', 'echo'] })
  })

  it('goes on with new connections where all of a worker’s have gone silent', async () => {
    const { threadId, runId } = await outside.waitingRun(client)
    worker.postgres.silence()
    await pause(1_500) // renewals and looks at the queues wait for answers by now
    worker.postgres.heal()
    outside.gate.open()
    expect(await client.runs.join(threadId, runId)).toMatchObject(ended)
    expect(await client.runs.wait(threadId, 'echo', { input: {} })).toMatchObject({ log: ['first', 'second', 'echo'] })
  })

  it('answers requests again where all connections of an api process had gone silent', async () => {
    const { threadId, runId } = await outside.waitingRun(client)
    api.postgres.silence()
    const asked = Array.from({ length: 8 }, () => client.threads.get(threadId).catch((error: unknown) => error))
    outside.gate.open()
    await new WebhookLog(outside.receiver).all([runId])
    api.postgres.heal()
    await Promise.all(asked)
    expect(await client.runs.join(threadId, runId)).toMatchObject(ended)
    expect(await client.threads.get(threadId)).toMatchObject({ status: 'idle', values: ended })
  })

  it('does not let a process that was stopped in a transaction hold up the others', async () => {
    const { thread_id } = await client.threads.create()
    const lost = api.postgres.loseAnswerTo('FROM threads WHERE thread_id = $1 FOR UPDATE')
    const creating = client.runs.create(thread_id, 'echo', { input: {} }).catch(() => null)
    await lost
    api.process?.signal('SIGSTOP')
    api.postgres.silence()
    const other = await fleet.join('api')
    const second = new Client({ apiUrl: other.process?.url ?? '', callerOptions: { maxRetries: 0 } })
    expect(await second.runs.wait(thread_id, 'echo', { input: {} })).toMatchObject({ log: ['echo'] })
    api.postgres.heal()
    api.process?.signal('SIGCONT')
    await creating
  })
})
