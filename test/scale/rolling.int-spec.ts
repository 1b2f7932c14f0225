import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Receiver } from '#testing'
import { HAS_CLUSTERS } from '../support/cluster.js'
import { Fleet } from '../support/fleet.js'
import { httpProject } from '../support/http-project.js'
import { auditOutbox, NOTHING_BROKEN } from '../support/outbox-audit.js'
import { ticksFaults } from '../support/resuming-reader.js'
import { type Deed, useUntil } from '../support/rolling-load.js'
import { WebhookLog } from '../support/webhook-log.js'

const CLIENTS = 6
const INPUT = { count: 30, everyMs: 40 }

/** A wait whose process stopped before its run had ended. */
const SHUT_DOWN = { __error__: { error: 'ServerShutdown', message: expect.any(String) as string } }

describe.skipIf(!HAS_CLUSTERS)('a deployment whose processes are replaced under load', { timeout: 240_000 }, () => {
  let fleet: Fleet | null
  let receiver: Receiver

  beforeEach(async () => {
    fleet = null
    receiver = await Receiver.start()
  })
  afterEach(async () => {
    await fleet?.close()
    await receiver.close()
  })

  /** Stops each process and starts another in its place; returns their exit codes. */
  async function replaceAll(deployment: Fleet, isTakenOut: boolean): Promise<(number | null)[]> {
    const codes: (number | null)[] = []
    for (const member of deployment.members) {
      if (isTakenOut) deployment.balance(member)
      codes.push(await member.end('SIGTERM'))
      deployment.balance()
      await member.start()
      deployment.balance()
    }
    return codes
  }

  /** What of the answers may not be. */
  function faultsOf(deeds: readonly Deed[]): unknown[] {
    const streams = deeds.filter(({ events }) => events.length > 0)
    return [
      ...streams.flatMap((deed) =>
        ticksFaults(deed, INPUT.count).map((fault) => `${deed.kind} ${deed.runId}: ${fault}`),
      ),
      ...deeds.filter(({ events }) => events.some(({ event }) => event === 'error')),
      ...deeds.filter(({ events, answer }) => events.length === 0 && answer === undefined),
    ]
  }

  it.each([
    { name: 'with a short grace, each taken out of the balancer first', grace: '300ms', isTakenOut: true },
    { name: 'with a long grace, none taken out of the balancer', grace: '10s', isTakenOut: false },
  ])('fails no request, and loses no run, event or webhook, $name', async ({ grace, isTakenOut }) => {
    const environment = { SIGNALBOX_SHUTDOWN_GRACE: grace }
    const roles = ['api', 'api', 'worker', 'worker'] as const
    fleet = await Fleet.start({ roles, config: httpProject({}), environment })
    const client = new Client({ apiUrl: fleet.balancer.url })
    const load = { client, webhook: receiver.url('/done'), input: INPUT }
    let isOver = false
    const using = Promise.all(Array.from({ length: CLIENTS }, () => useUntil(load, () => isOver)))
    const codes = await replaceAll(fleet, isTakenOut).finally(() => (isOver = true))
    const deeds = (await using).flat()

    expect(codes).toEqual([0, 0, 0, 0])
    expect(faultsOf(deeds)).toEqual([])
    const answers = deeds.filter(({ answer }) => answer !== undefined)
    const shutDown = answers.filter(({ answer }) => JSON.stringify(answer).includes('__error__'))
    for (const { answer } of shutDown) expect(answer).toEqual(SHUT_DOWN)
    for (const { answer } of answers.filter((deed) => !shutDown.includes(deed))) expect(answer).toMatchObject(INPUT)
    await new WebhookLog(receiver).all(deeds.map(({ runId }) => runId))
    const runs = await Promise.all(deeds.map(({ threadId, runId }) => client.runs.get(threadId, runId)))
    expect(runs.filter(({ status }) => status !== 'success')).toEqual([])
    await Promise.all(fleet.members.map((member) => member.end('SIGTERM')))
    const audit = await auditOutbox(fleet.database.settings)
    expect(audit.broken).toEqual(NOTHING_BROKEN)
    process.stdout.write(`rolling, grace ${grace}: ${deeds.length} uses, ${shutDown.length} told of a shutdown\n`)
  })
})
