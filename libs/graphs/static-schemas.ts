import { Worker } from 'node:worker_threads'
import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { type GraphSource, Settings } from '#config'
import { Clock, describeError, Logger } from '#kernel'
import type { StaticAnswer, StaticGraph, StaticRequest } from './static-graph.js'

/** What the compiler may take, in MB: a program that needs more ends the thread, not the server. */
const MAX_HEAP_MB = 1_024

/**
 * The types that a project's TypeScript source declares. They are read once in the life of the process, at the first
 * question, for all graphs together, in a thread of its own.
 */
@Injectable()
export class StaticSchemas implements OnModuleDestroy {
  readonly #waiting = new Map<string, (graph: StaticGraph | null) => void>()
  readonly #read = new Map<string, Promise<StaticGraph | null>>()
  #stop: () => Promise<unknown> = () => Promise.resolve()

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * The types of a graph. Null when its source is JavaScript, or they could not be read: then one line in the log says
   * why. Resolves within `settings.schemaTimeoutMs` of the first call.
   */
  read(graphId: string): Promise<StaticGraph | null> {
    if (this.#read.size === 0) this.#start(graphId)
    return this.#read.get(graphId) ?? Promise.resolve(null)
  }

  async onModuleDestroy(): Promise<void> {
    await this.#stop()
  }

  /** Where the worker is; apart, because tests run from the source. */
  protected get workerUrl(): URL {
    return new URL('./static-schema-worker.js', import.meta.url)
  }

  #start(first: string): void {
    const graphs = this.settings.graphs.filter(isTypeScript)
    for (const { graphId } of graphs) {
      this.#read.set(graphId, new Promise((resolve) => this.#waiting.set(graphId, resolve)))
    }
    if (graphs.length === 0) return
    const wanted = graphs.toSorted((a, b) => Number(b.graphId === first) - Number(a.graphId === first))
    this.#watch({
      projectDir: this.settings.projectDir,
      graphs: wanted.map(({ graphId, file, exportName }) => ({ graphId, file, exportName })),
    })
  }

  #watch(workerData: StaticRequest): void {
    const worker = new Worker(this.workerUrl, {
      workerData,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    worker.unref()
    const deadlineMs = this.settings.schemaTimeoutMs
    const deadline = this.clock.after(deadlineMs, () => this.#giveUp(`it took longer than ${deadlineMs} ms`, stop))
    const stop = () => {
      deadline.cancel()
      return worker.terminate()
    }
    this.#stop = stop
    worker.on('message', ({ graphId, graph }: StaticAnswer) => this.#answer(graphId, graph))
    worker.on('error', (error) => this.#giveUp(describeError(error).message, stop))
    worker.on('exit', () => this.#giveUp('the thread has ended', stop))
  }

  #answer(graphId: string, graph: StaticGraph | null): void {
    this.#waiting.get(graphId)?.(graph)
    this.#waiting.delete(graphId)
  }

  #giveUp(reason: string, stop: () => Promise<unknown>): void {
    const graphs = [...this.#waiting.keys()]
    if (graphs.length > 0) this.logger.warn({ graphs, reason }, 'the types of graphs cannot be read from their source')
    for (const graphId of graphs) this.#answer(graphId, null)
    void stop()
  }
}

function isTypeScript({ file }: GraphSource): boolean {
  return /\.[cm]?tsx?$/.test(file)
}
