import 'reflect-metadata'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SourceWatcher } from './source-watcher.js'
import { watchPlan } from './watch-plan.js'

let project: string

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'signalbox-watch-'))
})

afterEach(() => {
  rmSync(project, { recursive: true, force: true })
})

function write(file: string, text = ''): string {
  const path = join(project, file)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

function planOf(config: object, dataDir?: string) {
  return watchPlan(write('langgraph.json', JSON.stringify(config)), dataDir)
}

it('leaves out what is not the project: dependencies, hidden folders, data, output', () => {
  const { skips } = planOf({ graphs: { a: './src/a.ts:graph' } }, './state')
  const left = ['node_modules', '.git', '.signalbox', 'state', 'dist', 'src', 'src/build', 'lib']
  expect(left.filter((folder) => !skips(join(project, folder)))).toEqual(['src', 'lib'])
})

it('watches output folders that hold a graph, and folders of graphs outside the project', () => {
  const plan = planOf({ graphs: { a: './dist/a.js:graph', b: { path: '../shared/b.ts:graph' } } })
  expect(plan.skips(join(project, 'dist'))).toBe(false)
  expect(plan.roots).toEqual([project, join(project, '..', 'shared')])
})

it('cares for sources, the configuration and the env file, not for what graphs write', () => {
  const { concerns } = planOf({ env: 'local.env' })
  const files = ['a.ts', 'b.mjs', 'langgraph.json', 'local.env', 'tsconfig.json', 'out.json', 'notes.md', 'x.log']
  expect(files.filter((file) => concerns(join(project, file)))).toEqual(files.slice(0, 5))
})

it('watches the project even while its configuration cannot be read', () => {
  const config = write('langgraph.json', '{ "graphs": ')
  expect(watchPlan(config, undefined).roots).toEqual([project])
})

it('tells a change of a source once, also in a folder that is made later, and nothing after its end', async () => {
  const plan = planOf({})
  let told = 0
  const troubled = () => expect.unreachable()
  let tell: () => void = () => undefined
  const watcher = new SourceWatcher(plan, {
    changed: () => {
      told += 1
      tell()
    },
    troubled,
  })
  const change = (file: string) => {
    const heard = new Promise<void>((resolve) => (tell = resolve))
    write('notes.md', 'ignored')
    write(file, String(told))
    write(file, `${told} again`)
    return heard
  }
  await change('a.ts')
  await change('deep/er/b.ts')
  await change('deep/er/b.ts')
  expect(told).toBe(3)
  watcher.close()
  write('a.ts', 'unheard')
  const other = new SourceWatcher(plan, { changed: () => tell(), troubled })
  await change('c.ts')
  other.close()
  expect(told).toBe(3)
})
