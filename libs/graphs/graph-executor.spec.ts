import 'reflect-metadata'
import { Annotation, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import { describe, expect, it } from 'vitest'
import { databaseAway } from '#database'
import { execute, type Node, request, row, RUN_ID, say, serve, State } from './executor.spec.support.js'
import { StateSerializer } from './state-serializer.js'

/** Stores nothing before it is opened. */
class SlowSaver extends MemorySaver {
  open: () => void = () => undefined
  readonly #opened = new Promise<void>((resolve) => (this.open = resolve))

  override async put(...args: Parameters<MemorySaver['put']>): ReturnType<MemorySaver['put']> {
    await this.#opened
    return super.put(...args)
  }
}

/** Gives no checkpoint after so many reads: its database has gone away. */
class AbsentSaver extends MemorySaver {
  leaveAtReads = Infinity

  override getTuple(...args: Parameters<MemorySaver['getTuple']>): ReturnType<MemorySaver['getTuple']> {
    this.leaveAtReads -= 1
    return this.leaveAtReads < 0 ? Promise.reject(new Error('the database is away')) : super.getTuple(...args)
  }
}

/** Loses its database at one write, and has it again at once. */
class LosingSaver extends MemorySaver {
  losesAtPuts = Infinity

  override put(...args: Parameters<MemorySaver['put']>): ReturnType<MemorySaver['put']> {
    this.losesAtPuts -= 1
    return this.losesAtPuts === 0 ? Promise.reject(databaseAway()) : super.put(...args)
  }
}

/** A graph whose reducer takes one text only, also when a state is read again. */
function choosy() {
  const reducer = (_left: string, right: string): string => {
    if (right !== 'right') throw new TypeError(`not taken: ${right}`)
    return right
  }
  return new StateGraph(Annotation.Root({ choosy: Annotation<string>({ reducer, default: () => '' }) }))
    .addNode('go', () => ({}))
    .addEdge(START, 'go')
    .compile()
}

describe('outcome', () => {
  it('of a graph that ends: its values, nothing next', async () => {
    const { executor, states } = await serve(row({ a: say('A'), b: say('B') }))
    const { outcome } = await execute(executor, { input: { text: 'x' }, streamModes: ['custom'] })
    expect(outcome).toEqual({
      status: 'success',
      error: null,
      lastValuesJson: '{"text":"xAB"}',
      interruptsJson: null,
      state: { valuesJson: '{"text":"xAB"}', next: [], interruptsJson: '{}' },
    })
    const state = await states.read({ threadId: 'thread-1', graphId: 'agent', config: {} })
    expect(state).toMatchObject({ values: { text: 'xAB' }, next: [], tasks: [], interrupts: [] })
  })

  it('of a node that throws: the class and message of its error, and the state before it', async () => {
    class CustomError extends Error {}
    const boom = () => {
      throw new CustomError('Boo!')
    }
    const { executor } = await serve(row({ a: say('A'), boom }))
    const { outcome, events } = await execute(executor, { input: { text: 'x' }, streamModes: ['values', 'events'] })
    expect(outcome).toMatchObject({ status: 'error', error: { error: 'CustomError', message: 'Boo!' } })
    expect(outcome.state).toEqual({ valuesJson: '{"text":"xA"}', next: ['boom'], interruptsJson: '{}' })
    expect(events).not.toContain('error')
  })

  it('of a graph over its recursion limit: GraphRecursionError', async () => {
    const { executor } = await serve(row({ a: say('A'), b: say('B') }))
    const { outcome } = await execute(executor, { input: { text: 'x' }, config: { recursion_limit: 1 } })
    expect(outcome).toMatchObject({ status: 'error', error: { error: 'GraphRecursionError' } })
  })

  it.each([
    ['has no text', () => Object.create(null) as unknown, 'The graph threw a value that cannot be read'],
    ['has a message that is no text', () => Object.assign(new Error(), { message: 5 }), '5'],
  ])('of a node that throws what %s: an error all the same', async (_what, thrown, message) => {
    const throwing = () => Promise.reject(thrown() as Error)
    const { executor } = await serve(row({ a: throwing }))
    const { outcome } = await execute(executor, { input: { text: 'x' } })
    expect(outcome).toMatchObject({ status: 'error', error: { error: 'Error', message } })
  })

  it('of input the graph does not take, or an unknown graph: an error, not an exception', async () => {
    const { executor } = await serve(row({ a: say('A') }))
    expect((await execute(executor, { input: null })).outcome).toMatchObject({ status: 'error', state: null })
    const unknown = await execute(executor, { graphId: 'missing', input: {} })
    expect(unknown.outcome.error).toEqual({ error: 'AppError', message: 'Graph "missing" not found' })
  })

  it('of a graph that cannot read its own state: its error, where that is the graph’s doing', async () => {
    const { executor, states } = await serve(choosy())
    const { outcome } = await execute(executor, { input: { choosy: 'wrong' } })
    expect(outcome).toMatchObject({ status: 'error', error: { error: 'TypeError', message: 'not taken: wrong' } })
    expect(outcome.state).toBeNull()
    const ref = { threadId: 'thread-1', graphId: 'agent', config: {} }
    const unreadable = { code: 'state_unreadable', status: 422 }
    await expect(states.read(ref)).rejects.toMatchObject(unreadable)
    expect(await states.history(ref, { limit: 10 })).toMatchObject([{ values: { choosy: '' } }])
    await expect(states.settled(ref)).rejects.toMatchObject(unreadable)
  })

  it('is none while the state cannot be read because the database is away', async () => {
    const saver = new AbsentSaver()
    const { executor, states } = await serve(choosy(), saver)
    const run = execute(executor, { input: { choosy: 'wrong' } })
    saver.leaveAtReads = 1
    await expect(run).rejects.toThrow('the database is away')
    await expect(states.settled({ threadId: 'thread-1', graphId: 'agent', config: {} })).rejects.toThrow('away')
  })

  it.each(['sync', 'async', 'exit'] as const)(
    'is none when the graph ended by the loss of its database, though that is back (%s)',
    async (durability) => {
      const saver = new LosingSaver(new StateSerializer())
      const { executor } = await serve(row({ a: say('A'), b: say('B') }), saver)
      saver.losesAtPuts = durability === 'exit' ? 1 : 2
      await expect(execute(executor, { input: { text: 'x' }, durability })).rejects.toMatchObject({
        code: 'database_away',
      })
    },
  )

  it('is none when a node was told that the database is away', async () => {
    const asking = () => Promise.reject(databaseAway())
    const { executor } = await serve(row({ a: say('A'), asking }))
    await expect(execute(executor, { input: { text: 'x' } })).rejects.toMatchObject({ code: 'database_away' })
  })

  it('of a temporary run leaves no checkpoint in the shared saver', async () => {
    const { executor, saver } = await serve(row({ a: say('A') }))
    const { outcome } = await execute(executor, { input: { text: 'x' }, temporary: true })
    expect(outcome.state?.valuesJson).toBe('{"text":"xA"}')
    expect(await saver.getTuple({ configurable: { thread_id: 'thread-1' } })).toBeUndefined()
  })

  it('is rejected when a part cannot be handed on, and the graph stops', async () => {
    let reached = false
    const last = () => ((reached = true), {})
    const { executor } = await serve(row({ a: say('A'), b: say('B'), c: say('C'), last }))
    const refuse = executor.execute(request({ input: { text: 'x' } }), {
      signal: new AbortController().signal,
      onPart: () => {
        throw new Error('fenced off')
      },
    })
    await expect(refuse).rejects.toThrow('fenced off')
    expect(reached).toBe(false)
  })
})

describe('config', () => {
  it('gives nodes the ids, the request and nothing internal, and checkpoints their metadata', async () => {
    let seen: object | undefined
    const look: Node = (_, { configurable }) => ((seen = { ...configurable }), { text: 'x' })
    const { executor, saver } = await serve(row({ look }))
    const configurable = { colour: 'red', list: [1], __pregel_checkpointer: 'evil', langgraph_auth_user_id: 'ada' }
    const config = { metadata: { team: 'blue\u0000' }, configurable, callbacks: ['evil'] }
    const { outcome } = await execute(executor, { input: { text: '' }, config })
    expect(outcome.status).toBe('success')
    const ids = { run_id: RUN_ID, thread_id: 'thread-1', graph_id: 'agent', assistant_id: 'assistant-1' }
    expect(seen).toMatchObject({ ...ids, colour: 'red', langgraph_auth_user_id: 'ada' })
    const tuple = await saver.getTuple({ configurable: { thread_id: 'thread-1' } })
    expect(tuple?.metadata).toEqual({
      ...ids,
      run_attempt: 1,
      colour: 'red',
      team: 'blue\uFFFD',
      source: 'loop',
      step: 1,
      parents: {},
    })
  })

  it('does not change the graph that runs share', async () => {
    const graph = row({ a: say('A') })
    const { executor } = await serve(graph)
    await execute(executor, { input: { text: 'x' } })
    expect(graph.checkpointer).toBeUndefined()
  })

  it('calls a factory anew with each run’s config', async () => {
    const flavours: unknown[] = []
    const factory = (config: { configurable: { flavour: string } }) => {
      flavours.push(config.configurable.flavour)
      return Promise.resolve(new StateGraph(State).addNode('a', say('A')).addEdge(START, 'a'))
    }
    const { executor } = await serve(factory)
    for (const flavour of ['sweet', 'sour']) {
      const run = await execute(executor, { input: { text: '' }, config: { configurable: { flavour } } })
      expect(run.outcome.status).toBe('success')
    }
    expect(flavours).toEqual(['sweet', 'sour'])
  })
})

describe('a further attempt', () => {
  it('goes on from the run’s own checkpoint, whatever the request forked from', async () => {
    let isBroken = true
    let starts = 0
    const counted: Node = () => ((starts += 1), { text: 'A' })
    const fragile: Node = () => {
      if (isBroken) throw new Error('lost')
      return { text: 'B' }
    }
    const { executor } = await serve(row({ counted, fragile }))
    const first = await execute(executor, { input: { text: 'x' } })
    expect(first.outcome.status).toBe('error')
    isBroken = false
    const config = { configurable: { checkpoint_id: '1ef00000-0000-6000-8000-000000000000', checkpoint_ns: '' } }
    const second = await execute(executor, { input: { text: 'x' }, config, attempt: 2 })
    expect(second.outcome).toMatchObject({ status: 'success', lastValuesJson: '{"text":"xAB"}' })
    expect(starts).toBe(1)
  })

  it('starts from its input when the last checkpoint is another run’s', async () => {
    const { executor } = await serve(row({ a: say('A') }))
    await execute(executor, { input: { text: 'x' } })
    const other = await execute(executor, { runId: RUN_ID.replace('1', '3'), input: { text: 'y' }, attempt: 2 })
    expect(other.outcome.lastValuesJson).toBe('{"text":"xAyA"}')
  })
})

describe('abort', () => {
  it('leaves a deaf graph behind at once: no part and no checkpoint after the return', async () => {
    const abort = new AbortController()
    let release: (value: object) => void = () => undefined
    const deaf: Node = () => {
      setImmediate(() => abort.abort())
      return new Promise((resolve) => (release = resolve))
    }
    const saver = new MemorySaver()
    const { executor } = await serve(row({ a: say('A'), deaf, last: say('Z') }), saver)
    const run = await execute(executor, { input: { text: 'x' }, streamModes: ['values', 'updates'] }, abort.signal)
    expect(run.outcome).toMatchObject({ status: 'aborted', error: null, lastValuesJson: '{"text":"xA"}' })
    expect(run.outcome.state).toMatchObject({ valuesJson: '{"text":"xA"}', next: ['deaf'] })
    const before = JSON.stringify([saver.storage, saver.writes, run.parts])
    release({ text: 'late' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(JSON.stringify([saver.storage, saver.writes, run.parts])).toBe(before)
  })

  it('keeps the checkpoints of finished steps, although the saver is slower than the abort', async () => {
    const abort = new AbortController()
    const saver = new SlowSaver()
    const waiting: Node = () => {
      abort.abort()
      setImmediate(() => saver.open())
      return new Promise(() => undefined)
    }
    const { executor } = await serve(row({ a: say('A'), waiting }), saver)
    const { outcome } = await execute(executor, { input: { text: 'x' } }, abort.signal)
    expect(outcome).toMatchObject({ status: 'aborted', state: { valuesJson: '{"text":"xA"}', next: ['waiting'] } })
  })

  it('does not take a step for finished that ends after the abort: what it says then is told to nobody', async () => {
    const abort = new AbortController()
    const saver = new SlowSaver()
    let starts = 0
    const late: Node = async () => {
      starts += 1
      abort.abort()
      await new Promise((resolve) => setImmediate(resolve))
      setImmediate(() => saver.open())
      return { text: 'B' }
    }
    const { executor } = await serve(row({ late, last: say('Z') }), saver)
    const first = await execute(executor, { input: { text: 'x' } }, abort.signal)
    expect(first.outcome).toMatchObject({ status: 'aborted', state: { next: ['late'] } })
    const second = await execute(executor, { input: { text: 'x' }, attempt: 2 })
    expect(second.outcome).toMatchObject({ status: 'success', lastValuesJson: '{"text":"xBZ"}' })
    expect(starts).toBe(2)
  })

  it('reaches the nodes’ signal, with events too', async () => {
    const abort = new AbortController()
    let reason: unknown
    const listening: Node = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject((reason = new Error('told'))))
        queueMicrotask(() => abort.abort())
      })
    const { executor } = await serve(row({ listening }))
    const run = await execute(executor, { input: { text: 'x' }, streamModes: ['events'] }, abort.signal)
    expect(run.outcome).toMatchObject({ status: 'aborted', error: null })
    expect(reason).toBeInstanceOf(Error)
  })

  it('reaches a graph whose nodes never wait: it gives others a turn', async () => {
    const abort = new AbortController()
    const graph = new StateGraph(State)
      .addNode('turn', () => ({ text: '.' }))
      .addEdge(START, 'turn')
      .addEdge('turn', 'turn')
      .compile()
    const { executor } = await serve(graph)
    setTimeout(() => abort.abort(), 50)
    const config = { recursion_limit: 1_000_000 }
    const { outcome } = await execute(executor, { temporary: true, input: { text: '' }, config }, abort.signal)
    expect(outcome.status).toBe('aborted')
  })

  it('before the start runs nothing', async () => {
    let ran = false
    const { executor } = await serve(row({ a: () => ((ran = true), {}) }))
    const { outcome, parts } = await execute(executor, { input: { text: 'x' } }, AbortSignal.abort())
    expect(outcome).toMatchObject({ status: 'aborted', lastValuesJson: null, state: null })
    expect([ran, parts]).toEqual([false, []])
  })
})
