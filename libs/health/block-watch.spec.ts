import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Settings } from '#config'
import { JsonLogger, labelled } from '#kernel'
import { ASK_KEY, BlockWatch } from './block-watch.js'

let lines: Record<string, unknown>[]
let watch: BlockWatch
/** Set by the watching thread's question, in the middle of what blocks. */
let asked: Int32Array

beforeEach(() => {
  lines = []
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
  watch = new BlockWatch({ runs: { blockWarningMs: 200 } } as Settings, JsonLogger.create('warn', { write }))
  watch.start()
  asked = new Int32Array(new SharedArrayBuffer(4))
  const answer = Reflect.get(globalThis, ASK_KEY) as () => string
  Reflect.set(globalThis, ASK_KEY, () => (Atomics.store(asked, 0, 1), answer()))
})
afterEach(() => watch.onModuleDestroy())

/** Blocks until somebody has asked. */
function block(): void {
  while (Atomics.load(asked, 0) === 0);
}

it('names the run whose code blocks, of several that are active and have waited in between', async () => {
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  const run = (runId: string, work: () => void) =>
    labelled({ run_id: runId }, async () => {
      await nextTurn()
      work()
      await gate
    })
  const runs = [run('a', () => undefined), run('b', block), run('c', () => undefined)]
  await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 10_000 })
  expect(lines).toMatchObject([{ level: 'warn', run_id: 'b', blocked_ms: expect.any(Number) as number }])
  open()
  await Promise.all(runs)
})

it('tells of a block by nobody’s run too', async () => {
  block()
  await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 10_000 })
  expect(lines[0]).not.toHaveProperty('run_id')
})

it('has no timer that is too long for Node', async () => {
  const setInterval = vi.spyOn(globalThis, 'setInterval')
  const patient = new BlockWatch(
    { runs: { blockWarningMs: 365 * 86_400_000 } } as Settings,
    JsonLogger.create('silent'),
  )
  patient.start()
  expect(setInterval.mock.lastCall?.[1]).toBeLessThan(2 ** 31)
  setInterval.mockRestore()
  await patient.onModuleDestroy()
})
