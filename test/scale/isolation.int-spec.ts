import 'reflect-metadata'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { auditOutbox, NOTHING_BROKEN } from '../support/outbox-audit.js'
import { Outside } from '../support/outside.js'
import type { ServerProcess } from '../support/server-process.js'

const config = resolve(import.meta.dirname, '../fixtures/blocking/langgraph.json')
const LEASE_MS = 2_000

// No worker but the blocked one may lose a run, and whoever only serves must not notice.
describe.skipIf(!HAS_CLUSTERS)('a graph that blocks its worker', { timeout: 120_000 }, () => {
  const outside = Outside.use()
  let folder: string
  let cluster: Cluster
  let api: ServerProcess
  let client: Client

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-block-'))
    cluster = await Cluster.make({ config, environment: { SIGNALBOX_LEASE: `${LEASE_MS}ms` } })
    api = await cluster.start('api')
    client = new Client({ apiUrl: api.url, callerOptions: { maxRetries: 0 } })
  })
  afterEach(async () => {
    letGo()
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const letGo = () => writeFileSync(join(folder, 'let-go'), '')
  const statusOf = async ({ url }: ServerProcess, path: string) => {
    return (await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) })).status
  }

  it('stops neither the API, nor health checks, nor the leases of other workers', async () => {
    const blocked = await cluster.start('worker')
    const { thread_id } = await client.threads.create()
    const { run_id } = await client.runs.create(thread_id, 'stuck', {
      input: { folder },
      webhook: outside.receiver.url('/stuck'),
    })
    await expect.poll(() => existsSync(join(folder, 'blocked')), { timeout: 20_000 }).toBe(true)
    const other = await cluster.start('worker')

    // Longer than two leases: what the other worker holds it must renew meanwhile.
    const long = await client.threads.create()
    const held = client.runs.wait(long.thread_id, 'waiting', { input: { ms: 2.5 * LEASE_MS } })
    for (const path of ['/ok', '/health/live', '/health/ready', '/info']) expect(await statusOf(api, path)).toBe(200)
    expect(await statusOf(other, '/health/ready')).toBe(200)
    expect(await client.runs.wait(null, 'waiting', { input: { ms: 0 } })).toEqual({ ms: 0 })
    expect(await client.runs.join(thread_id, run_id)).toEqual({ folder })
    expect(await held).toEqual({ ms: 2.5 * LEASE_MS })
    expect(existsSync(join(folder, 'free'))).toBe(false)
    const takenUp = other.output.filter((line) => line.includes('it is taken up again'))
    expect(takenUp.map((line) => (JSON.parse(line) as { run_id: string }).run_id)).toEqual([run_id])

    letGo()
    await expect.poll(() => blocked.output.join('\n'), { timeout: 30_000 }).toContain('another process’s by now')
    await outside.receiver.waitFor(1)
    expect(await Promise.all([blocked.stop(), other.stop(), api.stop()])).toEqual([0, 0, 0])
    const { broken, deliveries } = await auditOutbox(cluster.database.settings)
    expect(broken).toEqual(NOTHING_BROKEN)
    expect(deliveries.map(({ runId, runStatus }) => [runId, runStatus])).toEqual([[run_id, 'success']])
  })
})
