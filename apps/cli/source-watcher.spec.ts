import 'reflect-metadata'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SourceWatcher } from './source-watcher.js'

let project: string
let watcher: SourceWatcher | null
let troubles: unknown[]

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'signalbox-watch-'))
  watcher = null
  troubles = []
})
afterEach(() => {
  watcher?.close()
  rmSync(project, { recursive: true, force: true })
})

/** Resolves at the first change, to the file that is told. */
function watched(...roots: string[]): Promise<string> {
  return new Promise((changed) => {
    const plan = { roots, skips: () => false, concerns: (file: string) => file.endsWith('.ts') }
    watcher = new SourceWatcher(plan, { changed, troubled: (error) => void troubles.push(error) })
  })
}

it('skips a folder that has vanished and watches the others', async () => {
  const changed = watched(join(project, 'gone'), project)
  writeFileSync(join(project, 'agent.ts'), '')
  expect(await changed).toBe(join(project, 'agent.ts'))
  expect(troubles).toEqual([])
})

it('tells of a folder that it may not watch and goes on with the others', async () => {
  mkdirSync(join(project, 'src'))
  const changed = watched(`${project}/with\0zero`, project)
  expect(troubles).toHaveLength(1)
  writeFileSync(join(project, 'src', 'agent.ts'), '')
  await changed
})
