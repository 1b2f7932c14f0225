import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { newId } from '#kernel'
import { dataFolderOccupied } from './database.errors.js'

/**
 * Makes sure that `dir` holds an initialised database. Initialising is the slow part of a first start, so it is done
 * once per machine and PGlite version, in the cache folder, and copied. A cache that cannot be written or read only
 * costs time. @throws AppError `start_refused` when the folder holds something else.
 */
export async function initialiseFolder(dir: string, cache = cacheFolder()): Promise<void> {
  if (existsSync(join(dir, 'PG_VERSION'))) return
  if (existsSync(dir) && readdirSync(dir).length > 0) throw dataFolderOccupied(dir)
  // Made beside the target first, so that a killed start is never taken for a database.
  const partial = `${dir}.${newId()}`
  const template = join(cache, `pglite-${pgliteVersion()}`)
  if (!(await canCopy(template, partial))) await initialise(partial)
  renameSync(partial, dir)
}

/** Copies the template, making it first where it is missing; false when the cache is of no use. */
async function canCopy(template: string, target: string): Promise<boolean> {
  try {
    if (!existsSync(template)) await fillTemplate(template)
    cpSync(template, target, { recursive: true })
    return true
  } catch {
    rmSync(target, { recursive: true, force: true })
    return false // such as a read-only home: initialise in place instead
  }
}

async function fillTemplate(template: string): Promise<void> {
  const partial = `${template}.${newId()}`
  mkdirSync(dirname(template), { recursive: true })
  mkdirSync(partial)
  try {
    await initialise(partial)
    renameSync(partial, template)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(template)) throw error // else another process was faster
  }
}

async function initialise(dir: string): Promise<void> {
  // Needed by a first start alone: every other has it in the thread of the database only.
  const { PGlite } = await import('@electric-sql/pglite')
  const db = await PGlite.create(dir)
  await db.close()
}

function cacheFolder(): string {
  return join(homedir(), '.cache', 'signalbox')
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as { version: string }
  return manifest.version
}
