import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { newId } from '#kernel'

/**
 * Makes sure that `dir` holds an initialised database. Initialising is the slow part of a first start, so it is done
 * once per machine and PGlite version, in the user's cache folder, and copied. A cache that cannot be written only
 * costs time.
 */
export async function initialiseFolder(dir: string): Promise<void> {
  if (existsSync(join(dir, 'PG_VERSION'))) return
  const template = templateFolder()
  if (!existsSync(template)) await fillTemplate(template)
  const source = existsSync(template) ? template : null
  if (source === null) await initialise(dir)
  else copyWhole(source, dir)
}

/** Copies beside the target first, so that a killed copy is never taken for a database. */
function copyWhole(source: string, dir: string): void {
  const partial = `${dir}.${newId()}`
  cpSync(source, partial, { recursive: true })
  rmSync(dir, { recursive: true, force: true })
  renameSync(partial, dir)
}

async function fillTemplate(template: string): Promise<void> {
  const partial = `${template}.${newId()}`
  try {
    mkdirSync(dirname(template), { recursive: true })
  } catch {
    return // a read-only home: initialise in place instead
  }
  await initialise(partial)
  try {
    renameSync(partial, template)
  } catch {
    rmSync(partial, { recursive: true, force: true }) // another process was faster
  }
}

async function initialise(dir: string): Promise<void> {
  const db = await PGlite.create(dir)
  await db.close()
}

function templateFolder(): string {
  return join(homedir(), '.cache', 'signalbox', `pglite-${pgliteVersion()}`)
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as { version: string }
  return manifest.version
}
