import 'reflect-metadata'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { Logger } from '#kernel'
import { FakeClock } from '#testing'
import { graphSettings } from './executor.spec.support.js'
import { StaticSchemas } from './static-schemas.js'

/** Reads by a worker of the test's own. */
class ScriptedSchemas extends StaticSchemas {
  script = ''
  started = 0

  protected override get workerUrl(): URL {
    this.started += 1
    return new URL(`data:text/javascript,${encodeURIComponent(this.script)}`)
  }
}

const opened: StaticSchemas[] = []
afterEach(async () => {
  for (const schemas of opened.splice(0)) await schemas.onModuleDestroy()
})

function open(script: string) {
  const clock = new FakeClock()
  const lines: [object, string][] = []
  const logger = { warn: (fields: object, message: string) => void lines.push([fields, message]) } as unknown as Logger
  const graphs = { one: '/project/one.ts:graph', two: '/project/two.mts:graph', plain: '/project/plain.js:graph' }
  const schemas = new ScriptedSchemas(graphSettings(graphs, { schemaTimeoutMs: 30_000 }), clock, logger)
  schemas.script = `import { parentPort, workerData } from 'node:worker_threads'\n${script}`
  opened.push(schemas)
  return { schemas, clock, lines }
}

const ECHO = `for (const { graphId, file } of workerData.graphs) parentPort.postMessage({ graphId, graph: { '': { state: { file } } } })`

describe('the types in the source of a project', () => {
  it('are read once for all TypeScript graphs, at the first question', async () => {
    const { schemas, lines } = open(ECHO)
    expect(schemas.started).toBe(0)
    const [two, one] = await Promise.all([schemas.read('two'), schemas.read('one')])
    expect([one, two]).toEqual([
      { '': { state: { file: '/project/one.ts' } } },
      { '': { state: { file: '/project/two.mts' } } },
    ])
    expect(await schemas.read('plain')).toBeNull()
    expect(await schemas.read('one')).toBe(one)
    expect([schemas.started, lines]).toEqual([1, []])
  })

  it('are unknown after the deadline, with one line that says so; what was read before stays', async () => {
    const { schemas, clock, lines } = open(
      `${ECHO.replace(' of workerData.graphs', ' of [workerData.graphs[0]]')}; for (;;);`,
    )
    expect(await schemas.read('two')).not.toBeNull()
    const late = schemas.read('one')
    await clock.advance(30_000)
    expect(await late).toBeNull()
    const line = [
      { graphs: ['one'], reason: 'it took longer than 30000 ms' },
      expect.stringContaining('types of graphs'),
    ]
    expect(lines).toEqual([line])
    expect(await schemas.read('one')).toBeNull()
    expect([schemas.started, lines.length]).toEqual([1, 1])
  })

  it('leave the event loop its turns while they are read', async () => {
    const { schemas, clock } = open('for (;;);')
    let isDone = false
    const reading = schemas.read('one').then(() => (isDone = true))
    for (let turn = 0; turn < 100; turn += 1) await nextTurn()
    expect(isDone).toBe(false)
    await clock.advance(30_000)
    await reading
  })

  it.each([
    ['throws', `throw new Error('no TypeScript')`, 'no TypeScript'],
    ['ends without an answer', '', 'the thread has ended'],
  ])('are unknown when the thread %s', async (_, script, reason) => {
    const { schemas, lines } = open(script)
    expect(await Promise.all([schemas.read('one'), schemas.read('two')])).toEqual([null, null])
    expect(lines).toEqual([[{ graphs: ['one', 'two'], reason }, expect.any(String)]])
  })
})
