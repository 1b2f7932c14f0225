import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Findings, Place } from './findings.js'
import type { ModuleExport } from './settings.js'

const MODULE_FILE = /\.[cm]?[jt]sx?$/
const EXPORT_NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u

/** How an export of a module is written, for a fault's remedy. */
export const MODULE_SPELLING = 'Write "./file.ts:export".'

/**
 * Reads `./file.ts:export`, relative to `projectDir`. The file must exist; it is not loaded here. Null, with a fault,
 * when the text names no export; a file that cannot be loaded is a fault too.
 */
export function readModuleSpec(
  spec: string,
  projectDir: string,
  place: Place,
  findings: Findings,
): ModuleExport | null {
  const colon = spec.lastIndexOf(':')
  const exportName = spec.slice(colon + 1)
  if (colon < 1 || !EXPORT_NAME.test(exportName)) {
    findings.fault(place, 'must name a file and an export of it', MODULE_SPELLING)
    return null
  }
  const path = spec.slice(0, colon)
  const file = resolve(projectDir, path)
  const problem = moduleFault(file)
  if (problem !== null)
    findings.fault(place, problem, `${path} is looked for from the folder of the configuration file.`)
  return { file, exportName }
}

function moduleFault(file: string): string | null {
  if (file.endsWith('.py')) return 'names a Python file, and this server runs TypeScript and JavaScript graphs'
  if (!MODULE_FILE.test(file)) return 'names a file that is neither TypeScript nor JavaScript'
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? null : 'names a file that does not exist'
}
