import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version of this package, read once from the nearest `package.json` above this file. */
export const PACKAGE_VERSION: string = readVersion(import.meta.dirname)

function readVersion(folder: string): string {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return readVersion(dirname(folder))
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return manifest.version
}
