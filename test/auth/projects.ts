import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'

interface ProjectFile {
  readonly graphs: Readonly<Record<string, string>>
  readonly auth?: { readonly path: string }
}

/** A project's `langgraph.json` with other blocks, in a folder of its own; returns its path. */
function variantOf(config: string, change: (file: ProjectFile, from: (spec: string) => string) => object): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-auth-'))
  const from = (spec: string) => relative(folder, resolve(dirname(config), spec))
  const file = JSON.parse(readFileSync(config, 'utf8')) as ProjectFile
  const graphs = Object.fromEntries(Object.entries(file.graphs).map(([id, spec]) => [id, from(spec)]))
  writeFileSync(join(folder, 'langgraph.json'), JSON.stringify({ graphs, ...change(file, from) }))
  return join(folder, 'langgraph.json')
}

/** The same graphs, and nobody is asked who they are. */
export function withoutAuth(config: string): string {
  return variantOf(config, () => ({}))
}

/** The same graphs and users, and routes of the project's own. */
export function withCustomRoutes(config: string, http: object, webhooks: object = {}): string {
  return variantOf(config, ({ auth }, from) => ({
    auth: { path: from(auth?.path ?? '') },
    http: { app: from('../custom-app/app.ts:app'), ...http },
    webhooks,
  }))
}

/** The same graphs and users below a prefix. */
export function withPrefix(config: string, prefix: string): string {
  return variantOf(config, ({ auth }, from) => ({
    auth: { path: from(auth?.path ?? '') },
    http: { mount_prefix: prefix },
  }))
}
