import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

const FIXTURES = resolve(import.meta.dirname, '../fixtures')

/** Graphs of the fixtures, by what they are used for here. */
const GRAPHS = {
  echo: 'project/graphs.ts:echo',
  mirror: 'runs/graphs.ts:mirror',
  ticks: 'streams/graphs.ts:ticks',
  steps: 'streams/graphs.ts:steps',
  chat: 'streams/graphs.ts:chat',
}

/**
 * Writes a project with graphs of the fixtures and an `http` block of its own; returns the path of its
 * `langgraph.json`. `app` in the block is taken from the fixtures' folder.
 */
export function httpProject(http: { readonly app?: string } & Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-http-'))
  const fromFolder = (spec: string) => `${relative(folder, FIXTURES)}/${spec}`
  const graphs = Object.fromEntries(Object.entries(GRAPHS).map(([id, spec]) => [id, fromFolder(spec)]))
  const block = http.app === undefined ? http : { ...http, app: fromFolder(http.app) }
  writeFileSync(join(folder, 'langgraph.json'), JSON.stringify({ graphs, http: block }))
  return join(folder, 'langgraph.json')
}
