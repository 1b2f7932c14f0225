import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type ts from 'typescript'
import { GraphTypes } from './static-graph-types.js'
import type { StaticAnswer, StaticRequest } from './static-graph.js'

/** The compiler, as a module. */
export type TypeScript = typeof ts

/**
 * Reads the types of graphs from their source by the project's own TypeScript and `tsconfig.json`. Nothing of the
 * project is executed. One program serves all graphs: parsing LangGraph's types is what takes the time.
 * @throws Error when there is no TypeScript, or one without the compiler API.
 */
export function* readStaticGraphs(request: StaticRequest): Generator<StaticAnswer> {
  const ts = findTypeScript(request.projectDir)
  const rootNames = [...new Set(request.graphs.map(({ file }) => file))]
  const program = ts.createProgram({ rootNames, options: compilerOptions(ts, request.projectDir) })
  const types = new GraphTypes(ts, program)
  for (const { graphId, file, exportName } of request.graphs) yield { graphId, graph: types.read(file, exportName) }
}

/** The project's TypeScript, else one that is installed beside this server. */
function findTypeScript(projectDir: string): TypeScript {
  for (const from of [pathToFileURL(join(projectDir, 'package.json')), import.meta.url]) {
    const found = requireTypeScript(from)
    if (found) return found
  }
  throw new Error('the project has no TypeScript with a compiler API (npm install --save-dev typescript)')
}

function requireTypeScript(from: string | URL): TypeScript | null {
  try {
    const found = createRequire(from)('typescript') as Partial<TypeScript>
    return typeof found.createProgram === 'function' ? (found as TypeScript) : null
  } catch {
    return null
  }
}

function compilerOptions(ts: TypeScript, projectDir: string): ts.CompilerOptions {
  const file = join(projectDir, 'tsconfig.json')
  const own = existsSync(file) ? readOptions(ts, file) : defaultOptions(ts)
  // Without strict null checks nobody could tell what may be left out.
  return { ...own, noEmit: true, skipLibCheck: true, strictNullChecks: true, composite: false, incremental: false }
}

function readOptions(ts: TypeScript, file: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as { config?: unknown }
  return ts.parseJsonConfigFileContent(config ?? {}, ts.sys, dirname(file)).options
}

function defaultOptions(ts: TypeScript): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    esModuleInterop: true,
    strict: true,
  }
}
