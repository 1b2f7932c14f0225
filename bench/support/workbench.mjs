// The folders of a measurement: Signalbox as it is packed, the graphs, and room for logs and data.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { atEnd } from './cleanup.mjs'

const BENCH = resolve(import.meta.dirname, '..')
const ROOT = resolve(BENCH, '..')

/**
 * @typedef {object} Workbench
 * @property {string} command the packed `signalbox`
 * @property {string} project folder with the graphs, beside the packages that this tree is tested with
 * @property {string} reference folder whose packages are those of bench/package.json
 * @property {(name: string) => string} log path of a new log file
 * @property {(name: string) => string} folder path of a new, empty folder
 */

/** Packs this tree and lays the folders out; all of it goes at the end. @returns {Workbench} */
export function layOut() {
  const work = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
  atEnd(() => rmSync(work, { recursive: true, force: true }))
  const signalbox = join(work, 'signalbox')
  const reference = join(work, 'reference')
  withModules(signalbox, join(ROOT, 'node_modules'))
  withModules(reference, join(BENCH, 'node_modules'))
  pack(signalbox)
  let made = 0
  return {
    command: join(signalbox, 'package/dist/apps/cli/main.js'),
    project: layProject(signalbox, 'project'),
    reference,
    log: (name) => join(work, `${name}-${(made += 1)}.log`),
    folder: (name) => mkdirSync(join(work, `${name}-${(made += 1)}`), { recursive: true }),
  }
}

/** A folder whose modules are those of `modules`. */
function withModules(folder, modules) {
  mkdirSync(folder)
  symlinkSync(modules, join(folder, 'node_modules'))
}

function pack(folder) {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: ROOT })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder])
}

/**
 * A project of all graphs, with its `langgraph.json`.
 * @param {string} parent
 * @param {string} name
 */
export function layProject(parent, name) {
  const project = join(parent, name)
  cpSync(join(BENCH, 'graphs'), join(project, 'graphs'), { recursive: true })
  cpSync(join(BENCH, 'bare'), join(project, 'bare'), { recursive: true })
  const files = readdirSync(join(BENCH, 'graphs'))
  const graphs = files.map((file) => [basename(file, '.mjs'), `./graphs/${file}:graph`])
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  const config = { node_version: '20', graphs: Object.fromEntries(graphs), env: {} }
  writeFileSync(join(project, 'langgraph.json'), JSON.stringify(config))
  return project
}
