import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigFaults } from './config-faults.js'
import { loadSettings, type SettingsRequest } from './load-settings.js'
import type { Settings } from './settings.js'

/** The folder in which the projects stand; gone with the test run. */
export const root = mkdtempSync(join(tmpdir(), 'signalbox-project-'))

let folders = 0

/** The folder of the project made last. */
export function lastFolder(): string {
  return join(root, String(folders))
}

/** Writes a project with one graph module and returns the path of its `langgraph.json`. */
export function project(content: unknown, files: Record<string, string> = {}): string {
  const folder = join(root, String(++folders))
  mkdirSync(folder)
  writeFileSync(join(folder, 'agent.ts'), 'export const graph = 1')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const file = join(folder, 'langgraph.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** The `graphs` of every project that names none. */
export const GRAPHS = { agent: './agent.ts:graph' }
type Options = Partial<SettingsRequest> & { readonly files?: Record<string, string> }

/** Loads a project with one graph and the given keys. */
export function load(
  content: object,
  environment: SettingsRequest['environment'] = {},
  options: Options = {},
): Settings {
  const configFile = project({ graphs: GRAPHS, ...content }, options.files)
  return loadSettings({ mode: 'dev', configFile, environment, ...options })
}

/** The faults as `key problem`, and the whole message. */
export function faultsOf(work: () => Settings): { lines: string[]; message: string; where: string[] } {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error
    const { faults, message } = error
    return { lines: faults.map(({ key, problem }) => `${key} ${problem}`), message, where: faults.map((f) => f.where) }
  }
  throw new Error('no fault was found')
}
