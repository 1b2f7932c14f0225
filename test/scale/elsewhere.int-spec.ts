import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { httpProject } from '../support/http-project.js'
import { Outside } from '../support/outside.js'
import type { ServerProcess } from '../support/server-process.js'
import { collect } from '../support/sse-reader.js'
import { WebhookLog } from '../support/webhook-log.js'

const PATIENCE_MS = 20_000

describe.skipIf(!HAS_CLUSTERS)(
  'a run that a worker executes, and what another process does',
  { timeout: 60_000 },
  () => {
    const outside = Outside.use()
    let cluster: Cluster
    let worker: ServerProcess
    let creator: Client
    let other: Client

    beforeAll(async () => {
      cluster = await Cluster.make({ config: httpProject({}) })
      const first = await cluster.start('api')
      const [second, third] = await Promise.all([cluster.start('api'), cluster.start('worker')])
      worker = third
      creator = new Client({ apiUrl: first.url, callerOptions: { maxRetries: 0 } })
      other = new Client({ apiUrl: second.url, callerOptions: { maxRetries: 0 } })
    })
    afterAll(() => cluster?.close())

    const statusOf = async (threadId: string, runId: string) => (await other.runs.get(threadId, runId)).status

    it('ends with its thread, which another process deletes: nothing of it is left and its webhook is sent', async () => {
      const { threadId, runId } = await outside.waitingRun(creator)
      const stream = collect(creator.runs.joinStream(threadId, runId, { lastEventId: '-1' }))
      const joined = creator.runs.join(threadId, runId)
      await other.threads.delete(threadId)
      // Its node still stands at the gate.
      await expect.poll(async () => (await worker.workers()).active, { timeout: PATIENCE_MS }).toBe(0)
      expect((await stream)[0]).toMatchObject({ event: 'metadata' })
      expect(await joined).toEqual({})
      await expect(creator.runs.get(threadId, runId)).rejects.toMatchObject({ status: 404 })
      expect((await new WebhookLog(outside.receiver).first(runId)).status).toBe('interrupted')
      await other.threads.create({ threadId })
      expect(await other.threads.getHistory(threadId)).toEqual([])
    })

    it('makes room for the next run of its thread that is to interrupt it', async () => {
      const { threadId, runId } = await outside.waitingRun(creator)
      const waiting = other.runs.wait(threadId, 'echo', { input: {}, multitaskStrategy: 'interrupt' })
      expect(await waiting).toMatchObject({ log: ['first', 'echo'] })
      expect(await statusOf(threadId, runId)).toBe('interrupted')
      expect((await new WebhookLog(outside.receiver).first(runId)).status).toBe('interrupted')
    })

    it('is undone for the next run of its thread that is to roll it back', async () => {
      const { threadId, runId } = await outside.waitingRun(creator)
      const waiting = other.runs.wait(threadId, 'echo', { input: {}, multitaskStrategy: 'rollback' })
      expect(await waiting).toMatchObject({ log: ['echo'] })
      await expect(creator.runs.get(threadId, runId)).rejects.toMatchObject({ status: 404 })
    })

    it('holds up the next run of its thread, or has it refused', async () => {
      const { threadId, runId } = await outside.waitingRun(creator)
      const refused = other.runs.create(threadId, 'echo', { input: {}, multitaskStrategy: 'reject' })
      await expect(refused).rejects.toMatchObject({ status: 409 })
      const waiting = other.runs.wait(threadId, 'echo', { input: {}, multitaskStrategy: 'enqueue' })
      outside.gate.open()
      expect(await waiting).toMatchObject({ log: ['first', 'second', 'echo'] })
      expect(await statusOf(threadId, runId)).toBe('success')
    })
  },
)
