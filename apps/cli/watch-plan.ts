import { readFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'

/** What of a project is watched. All paths are absolute. */
export interface WatchPlan {
  readonly roots: readonly string[]
  /** Whether a folder is left out, with all that is in it. */
  readonly skips: (folder: string) => boolean
  /** Whether a change of this file concerns the server. */
  readonly concerns: (file: string) => boolean
}

const SOURCE = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'])
const PROJECT_FILES = new Set(['package.json', 'tsconfig.json'])
const OUTPUT_FOLDERS = new Set(['dist', 'build', 'out', 'coverage'])

/**
 * The project's folder, and the folders of graphs outside it; without hidden folders (the default data folder is one),
 * `node_modules`, the data folder, and output folders that hold no graph. JSON is not watched besides the project's
 * own files: graphs write it.
 */
export function watchPlan(configFile: string, dataDir: string | undefined): WatchPlan {
  const config = resolve(configFile)
  const project = dirname(config)
  const { graphFiles, envFile } = readOutline(config)
  const skippedData = dataDir === undefined ? null : resolve(project, dataDir)
  const outside = graphFiles.map((file) => dirname(file)).filter((folder) => !isWithin(folder, project))
  return {
    roots: [...new Set([project, ...outside])],
    skips: (folder) => {
      const name = basename(folder)
      if (name.startsWith('.') || name === 'node_modules' || folder === skippedData) return true
      return OUTPUT_FOLDERS.has(name) && !graphFiles.some((file) => isWithin(file, folder))
    },
    concerns: (file) => {
      const name = basename(file)
      return file === config || file === envFile || SOURCE.has(extname(name)) || PROJECT_FILES.has(name)
    },
  }
}

interface Outline {
  readonly graphFiles: readonly string[]
  readonly envFile: string | null
}

/** As much of the configuration as can be read: what is wrong with it is told by the server. */
function readOutline(config: string): Outline {
  try {
    const { graphs, env } = JSON.parse(readFileSync(config, 'utf8')) as { graphs?: object; env?: unknown }
    const files = Object.values(graphs ?? {})
      .map(graphPath)
      .filter((path) => path !== null)
    const project = dirname(config)
    return {
      graphFiles: files.map((path) => resolve(project, path)),
      envFile: typeof env === 'string' ? join(project, env) : null,
    }
  } catch {
    return { graphFiles: [], envFile: null }
  }
}

/** `./src/agent.ts:graph`, or an object with it under `path`. */
function graphPath(entry: unknown): string | null {
  const text = typeof entry === 'object' && entry !== null && 'path' in entry ? entry.path : entry
  return typeof text === 'string' ? text.replace(/:[^:/\\]*$/, '') : null
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}
