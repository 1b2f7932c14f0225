import { Annotation, type BaseCheckpointSaver, END, MemorySaver, START, StateGraph } from '@langchain/langgraph'
import type { Settings } from '#config'
import { SystemClock } from '#kernel'
import type { Checkpoints } from './checkpoints.js'
import type { ExecuteOutcome, ExecuteRequest, StreamPart } from './execute-request.js'
import { GraphExecutor } from './graph-executor.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphStore } from './graph-store.js'
import { ModuleImporter } from './module-importer.js'
import { StateSerializer } from './state-serializer.js'
import { ThreadStates } from './thread-states.js'

export const RUN_ID = '019f0000-0000-7000-8000-000000000001'

/** Gives modules from memory, by file. */
export class FakeImporter extends ModuleImporter {
  constructor(private readonly modules: Record<string, () => Record<string, unknown>>) {
    super()
  }

  override import(file: string): Promise<Record<string, unknown>> {
    return Promise.resolve().then(() => this.modules[file]?.() ?? {})
  }
}

/** The part of the settings that this room reads. */
export function graphSettings(graphs: Record<string, string>, rest: Partial<Settings> = {}): Settings {
  const sources = Object.entries(graphs).map(([graphId, path]) => {
    const [file = '', exportName = ''] = path.split(':')
    return { graphId, file, exportName, description: null }
  })
  return { projectDir: '/project', environment: {}, graphs: sources, ...rest } as Settings
}

/** One graph under the id `agent`, with real services over the saver. */
export async function serve(graph: unknown, saver: BaseCheckpointSaver = new MemorySaver(new StateSerializer())) {
  const importer = new FakeImporter({ '/project/graph.ts': () => ({ graph }) })
  const graphStore = new GraphStore()
  const registry = new GraphRegistry(graphSettings({ agent: '/project/graph.ts:graph' }), importer, graphStore)
  await registry.load()
  const journal = { note: () => Promise.resolve() }
  const checkpoints = { saver, journal } as unknown as Checkpoints
  const executor = new GraphExecutor(registry, checkpoints, graphStore, new SystemClock())
  return { executor, states: new ThreadStates(registry, checkpoints), saver, graphStore }
}

/** A request with defaults for all that a spec does not care about. */
export function request(part: Partial<ExecuteRequest> = {}): ExecuteRequest {
  return {
    runId: RUN_ID,
    threadId: 'thread-1',
    assistantId: 'assistant-1',
    graphId: 'agent',
    attempt: 1,
    input: {},
    command: null,
    config: {},
    context: {},
    streamModes: ['values'],
    streamSubgraphs: false,
    interruptBefore: null,
    interruptAfter: null,
    durability: 'async',
    temporary: false,
    ...part,
  }
}

/** What one attempt told and how it ended. */
export interface Executed {
  readonly parts: readonly { readonly event: string; readonly data: unknown }[]
  readonly events: readonly string[]
  readonly outcome: ExecuteOutcome
}

/** Executes and collects. */
export async function execute(
  executor: GraphExecutor,
  part: Partial<ExecuteRequest>,
  signal: AbortSignal = new AbortController().signal,
): Promise<Executed> {
  const raw: StreamPart[] = []
  const outcome = await executor.execute(request(part), { signal, onPart: (given) => void raw.push(given) })
  const parts = raw.map(({ event, json }) => ({ event, data: JSON.parse(json) as unknown }))
  return { parts, events: parts.map(({ event }) => event), outcome }
}

/** The data of the parts with that event name. */
export function dataOf<Data>(executed: Executed, event: string): Data[] {
  return executed.parts.filter((part) => part.event === event).map((part) => part.data as Data)
}

/** A text that grows, and anything else. */
export const State = Annotation.Root({
  text: Annotation<string>({ reducer: (a, b) => a + b, default: () => '' }),
  extra: Annotation<unknown>,
})

/** A node of `row`. */
export type Node = (state: typeof State.State, config: { signal?: AbortSignal; configurable?: object }) => unknown

/** A graph of nodes in a row. */
export function row(nodes: Record<string, Node>, options: object = {}) {
  const graph = new StateGraph(State)
  const names = Object.keys(nodes)
  for (const [name, node] of Object.entries(nodes)) graph.addNode(name, node as never)
  const ends = [START, ...names, END] as never[]
  for (let i = 0; i + 1 < ends.length; i++) graph.addEdge(ends[i] as never, ends[i + 1] as never)
  return graph.compile(options)
}

/** A node that adds a text. */
export const say = (text: string) => () => ({ text })

/** JSON that may be missing. */
export const parse = (json: string | null | undefined): unknown => JSON.parse(json ?? 'null')
