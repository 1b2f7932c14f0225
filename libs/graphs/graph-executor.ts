import { MemorySaver } from '@langchain/langgraph'
import { Injectable } from '@nestjs/common'
import { isDatabaseAway } from '#database'
import { aborted, Clock, storableText, type Timer } from '#kernel'
import { Checkpoints } from './checkpoints.js'
import type { ExecuteHooks, ExecuteOutcome, ExecuteRequest, SettledState } from './execute-request.js'
import { errorClass } from './graph-json.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'
import { GraphRun, PartRefused } from './graph-run.js'
import { callConfig, checkpointMetadata } from './run-config.js'
import { unreadableBy } from './readable-state.js'
import { RunSaver } from './run-saver.js'
import { settle, storableGraphJson } from './settled-state.js'
import { StateSerializer } from './state-serializer.js'

/** How long an aborted graph may take to write the checkpoints of finished steps, in ms; most need a few. */
const DRAIN_MS = 1_000

type Ending = { readonly status: 'success' | 'aborted' } | { readonly status: 'error'; readonly thrown: unknown }

/** Executes runs: the one place where users' graphs are called. */
@Injectable()
export class GraphExecutor {
  constructor(
    private readonly registry: GraphRegistry,
    private readonly checkpoints: Checkpoints,
    private readonly graphStore: GraphStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Executes one attempt of a run and tells its parts as they come. What the graph throws is an outcome, not an
   * exception. On abort the graph may still write the checkpoints of the steps that it has finished, then it is left
   * behind: once this has returned, no part is told and no checkpoint is written any more, even by a node that goes on
   * in spite of its signal. (Such a node's own effects elsewhere cannot be stopped.)
   * @throws what `onPart` throws; AppError `database_away` where the graph ended by that, and whatever else reading the
   * thread's state throws when the database is gone: then the attempt came to nothing, through no fault of the graph.
   */
  async execute(request: ExecuteRequest, hooks: ExecuteHooks): Promise<ExecuteOutcome> {
    const saver = this.#saverOf(request, hooks)
    const run = new GraphRun(request, hooks, saver, this.graphStore.store, this.registry)
    const ending = await this.#finish(run, hooks.signal)
    if (ending.status === 'aborted') await this.#drain(saver)
    run.stop()
    await saver.close()
    if (ending.status === 'error' && ending.thrown instanceof PartRefused) throw ending.thrown.cause
    if (ending.status === 'error' && isDatabaseAway(ending.thrown)) throw ending.thrown
    return outcome(run, ending)
  }

  #saverOf(request: ExecuteRequest, { mayWrite, signal }: ExecuteHooks): RunSaver {
    const metadata = checkpointMetadata(callConfig(request))
    if (request.temporary) return new RunSaver(new MemorySaver(new StateSerializer()), metadata)
    return new RunSaver(this.checkpoints.saver, metadata, { journal: this.checkpoints.journal, mayWrite, signal })
  }

  /** Runs to the end, or to the abort if that comes first. */
  async #finish(run: GraphRun, signal: AbortSignal): Promise<Ending> {
    if (signal.aborted) return { status: 'aborted' }
    const ended = run.start().then(
      (): Ending => ({ status: signal.aborted ? 'aborted' : 'success' }),
      (thrown: unknown): Ending => (signal.aborted ? { status: 'aborted' } : { status: 'error', thrown }),
    )
    return Promise.race([ended, aborted(signal).then((): Ending => ({ status: 'aborted' }))])
  }

  /** Waits for the checkpoints of finished steps, which are written one after the other. */
  async #drain(saver: RunSaver): Promise<void> {
    let deadline: Timer | null = null
    const late = new Promise<void>((resolve) => (deadline = this.clock.after(DRAIN_MS, resolve)))
    await Promise.race([saver.drain(), late]).finally(() => deadline?.cancel())
  }
}

async function outcome(run: GraphRun, ended: Ending): Promise<ExecuteOutcome> {
  const { interrupts } = run.observed
  const written = writeLastValues(run, ended)
  const { lastValuesJson } = written
  const isDone = written.ending.status === 'success' && interrupts === null
  const { ending, state } =
    isDone && lastValuesJson !== null
      ? { ending: written.ending, state: doneState(lastValuesJson) }
      : await readState(run, written.ending)
  return {
    status: ending.status,
    error: ending.status === 'error' ? describeThrown(ending.thrown) : null,
    lastValuesJson,
    interruptsJson: interrupts && storableGraphJson(interrupts),
    state,
  }
}

/** Values that refuse to be written (a `toJSON` that throws) are the graph's fault: the attempt fails by them. */
function writeLastValues(run: GraphRun, ending: Ending): { ending: Ending; lastValuesJson: string | null } {
  const { lastValues } = run.observed
  try {
    return { ending, lastValuesJson: lastValues && storableGraphJson(lastValues.values) }
  } catch (thrown) {
    return { ending: ending.status === 'success' ? { status: 'error', thrown } : ending, lastValuesJson: null }
  }
}

/** A graph that ran to its end leaves its last snapshot and nothing to do: no need to read that again. */
function doneState(valuesJson: string): SettledState {
  return { valuesJson, next: [], interruptsJson: '{}' }
}

/** A state that the graph cannot read is its fault: the attempt fails by that, if not by something else already. */
async function readState(run: GraphRun, ending: Ending): Promise<{ ending: Ending; state: SettledState | null }> {
  try {
    const snapshot = await run.latestState()
    return { ending, state: snapshot && settle(snapshot) }
  } catch (error) {
    const unreadable = unreadableBy(error)
    if (!unreadable) throw error
    return { ending: ending.status === 'success' ? { status: 'error', ...unreadable } : ending, state: null }
  }
}

/** Class and message of what a graph threw (contract 6.4). A graph may throw what cannot be read: its run ends all the same. */
function describeThrown(thrown: unknown): { error: string; message: string } {
  try {
    const isError = thrown instanceof Error
    const message = String(isError ? thrown.message : thrown)
    return { error: storableText(isError ? errorClass(thrown) : 'Error'), message: storableText(message) }
  } catch {
    return { error: 'Error', message: 'The graph threw a value that cannot be read' }
  }
}
