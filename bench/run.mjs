// `npm run bench`: builds this tree, installs what only the measurements need, then measures (bench.mjs has the options).
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const HERE = import.meta.dirname
const ROOT = join(HERE, '..')

/** Whether what is installed is what the lockfile says. */
function isInstalled() {
  const installed = join(HERE, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  const versions = (file) => {
    const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
    return new Map(entries.map(([path, { version }]) => [path, version]))
  }
  const locked = versions(join(HERE, 'package-lock.json'))
  return [...versions(installed)].every(([path, version]) => locked.get(path) === version)
}

if (!process.argv.includes('--help')) {
  if (!process.argv.includes('--no-build')) {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' })
  }
  if (!isInstalled()) execFileSync('npm', ['ci'], { cwd: HERE, stdio: 'inherit' })
}
await import('./bench.mjs')
