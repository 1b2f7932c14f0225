import 'reflect-metadata'
import { afterEach, expect, it, vi } from 'vitest'
import { RunsRoom } from './runs-room.spec.support.js'

const room = RunsRoom.use({ timeoutMs: 5_000, maxConcurrent: 1 })
afterEach(() => void vi.restoreAllMocks())

it.each(['timeout', 'interrupted'] as const)(
  'a run that is stopped ends as %s though its graph never comes back, and gives its slot to the next',
  async (status) => {
    room.runs.worker.start()
    const hanging = vi.spyOn(room.runs.executor, 'execute').mockReturnValue(new Promise(() => undefined))
    const run = await room.runs.create(await room.runs.makeThread())
    await vi.waitUntil(() => hanging.mock.calls.length > 0, { interval: 10 })
    hanging.mockRestore()
    if (status === 'interrupted') await room.runs.cancel(run)
    const next = await room.runs.create(null)
    expect(await room.runs.advanceUntil(room.runs.end(run))).toMatchObject({ status })
    expect(await room.runs.run(run)).toMatchObject({ status, claimedBy: null })
    const execution = await room.runs.executor.next()
    expect(execution.request.runId).toBe(next.runId)
    execution.end()
    expect(await room.runs.end(next)).toMatchObject({ status: 'success' })
  },
)
