import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const PACKAGE = '@langchain/langgraph'

/**
 * The version of LangGraph that a project's graphs run on, read from its package without loading it; null when the
 * project has none. The library cannot be imported here: only `graphs` may.
 */
export function graphLibraryVersion(projectDir: string): string | null {
  try {
    const entry = createRequire(join(projectDir, 'package.json')).resolve(PACKAGE)
    return versionAbove(dirname(entry))
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

function versionAbove(folder: string): string | null {
  const file = join(folder, 'package.json')
  if (existsSync(file)) {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    if (manifest.name === PACKAGE) return manifest.version ?? null
  }
  return folder === dirname(folder) ? null : versionAbove(dirname(folder))
}

function isNotFound(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
}
