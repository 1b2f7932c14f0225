import type { JsonSchema } from './json-schema.js'

/** What the TypeScript source says of a graph's types; null where it says nothing. */
export interface StaticTypes {
  readonly state: JsonSchema | null
  readonly input: JsonSchema | null
  readonly output: JsonSchema | null
  readonly context: JsonSchema | null
}

/** The types of a graph under the namespace `''`, and those of its subgraphs under names of nodes joined by `|`. */
export type StaticGraph = Readonly<Record<string, StaticTypes>>

/** What the worker is asked for: graphs of TypeScript sources, the most wanted first. */
export interface StaticRequest {
  readonly projectDir: string
  readonly graphs: readonly { readonly graphId: string; readonly file: string; readonly exportName: string }[]
}

/** What the worker tells of one graph; null where its source tells nothing. */
export interface StaticAnswer {
  readonly graphId: string
  readonly graph: StaticGraph | null
}
