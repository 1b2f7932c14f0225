import type { BaseStore, StateSnapshot } from '@langchain/langgraph'
import { type CompiledGraph, withCheckpointer, withStore } from './compiled-graph.js'
import type { ExecuteHooks, ExecuteRequest, StreamPart } from './execute-request.js'
import type { GraphRegistry } from './graph-registry.js'
import { PartMaker } from './part-maker.js'
import { readableState } from './readable-state.js'
import { toInputCommand } from './run-command.js'
import { callConfig, fromLatestCheckpoint, type GraphCallConfig } from './run-config.js'
import { RunObserver } from './run-observer.js'
import type { RunSaver } from './run-saver.js'
import { giveItems, type StreamItem } from './stream-source.js'

/** The receiver of parts failed: not the graph's fault, so it is no outcome of the run. */
export class PartRefused extends Error {
  constructor(cause: unknown) {
    super('a part of the stream could not be handed on', { cause })
    this.name = 'PartRefused'
  }
}

/** One attempt while it is executed: started once, stopped once. */
export class GraphRun {
  /** What the outcome is made of. */
  readonly observed = new RunObserver()
  readonly #stopping = new AbortController()
  #graph: CompiledGraph | null = null

  constructor(
    private readonly request: ExecuteRequest,
    private readonly hooks: ExecuteHooks,
    private readonly saver: RunSaver,
    private readonly store: BaseStore | null,
    private readonly registry: GraphRegistry,
  ) {}

  /** Runs the graph to its end. @throws what the graph throws; PartRefused. */
  async start(): Promise<void> {
    const config = callConfig(this.request)
    const graph = await this.registry.get(this.request.graphId, config)
    this.#graph = withStore(withCheckpointer(graph, this.saver), this.store)
    const call = await this.#entry(config)
    const maker = new PartMaker(this.request.streamModes)
    const signal = AbortSignal.any([this.hooks.signal, this.#stopping.signal])
    await giveItems({ graph: this.#graph, ...call, request: this.request, signal }, (item) => this.#take(item, maker))
  }

  /** Ends the graph, if it still runs: nothing more of it is handed on. */
  stop(): void {
    this.#stopping.abort(new Error('the run has ended'))
  }

  /** The thread's latest state; null when the graph could not be made. @throws AppError `state_unreadable`. */
  async latestState(): Promise<StateSnapshot | null> {
    const graph = this.#graph
    if (!graph) return null
    const config = { configurable: { thread_id: this.request.threadId, checkpoint_ns: '' } }
    return readableState(
      () => graph.getState(config),
      () => this.saver.getTuple(config),
    )
  }

  /** Where the attempt begins: the run's own last checkpoint after a crash, else its command or input (5.4). */
  async #entry(config: GraphCallConfig): Promise<{ input: unknown; config: GraphCallConfig }> {
    if (this.request.attempt > 1 && (await this.#leftCheckpoint())) {
      return { input: null, config: fromLatestCheckpoint(config) }
    }
    return { input: toInputCommand(this.request.command) ?? this.request.input ?? null, config }
  }

  async #leftCheckpoint(): Promise<boolean> {
    const { threadId, runId } = this.request
    const latest = await this.saver.getTuple({ configurable: { thread_id: threadId, checkpoint_ns: '' } })
    return (latest?.metadata as { run_id?: unknown } | undefined)?.run_id === runId
  }

  #take(item: StreamItem, maker: PartMaker): void {
    this.observed.see(item)
    for (const part of maker.parts(item)) this.#handOn(part)
  }

  #handOn(part: StreamPart): void {
    try {
      this.hooks.onPart(part)
    } catch (cause) {
      throw new PartRefused(cause)
    }
  }
}
