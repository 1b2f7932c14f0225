import 'reflect-metadata'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Receiver } from '#testing'
import { type Command, run, start } from './command.js'
import { UserProject } from './user-project.js'

const ROOT = resolve(import.meta.dirname, '../..')
const INSTALL_DEADLINE_MS = 240_000
const START_DEADLINE_MS = 60_000

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

let project: UserProject
let paths: readonly string[]

beforeAll(async () => {
  project = new UserProject()
  const [packed] = JSON.parse(await run(ROOT, 'npm', 'pack', '--json', '--pack-destination', project.dir)) as [Packed]
  paths = packed.files.map(({ path }) => path)
  const peers = ['@langchain/langgraph', '@langchain/core'].map((name) => `${name}@${installedVersion(name)}`)
  await project.install(join(project.dir, packed.filename), ...peers)
}, INSTALL_DEADLINE_MS)

afterAll(() => project.remove())

/** The version that this checkout is tested with. */
function installedVersion(name: string): string {
  const manifest = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

describe('the tarball', () => {
  it('holds what runs, its documents and its licence', () => {
    const needed = [
      'dist/apps/cli/main.js',
      'dist/apps/server/main.js',
      'dist/apps/console/page.html',
      'docs/configuration.md',
    ]
    expect(needed.filter((path) => !paths.includes(path))).toEqual([])
  })

  it('holds no tests, nothing that only tests need, no sources and no source maps', () => {
    const strays = paths.filter((path) => /\.(int-)?spec\.|fixture|\/testing\/|\.map$|(?<!\.d)\.ts$/.test(path))
    expect(strays).toEqual([])
    const rest = paths.filter((path) => !/^(dist\/(apps|libs)|docs)\//.test(path))
    expect(rest.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  })

  it('has a command that the shell can start', () => {
    const command = readFileSync(join(project.dir, 'node_modules/signalbox/dist/apps/cli/main.js'), 'utf8')
    expect(command.split('\n', 1)).toEqual(['#!/usr/bin/env node'])
  })
})

describe.each(['module', null] as const)('installed into a project of type %s', (type) => {
  let receiver: Receiver
  let server: Command | null = null

  beforeAll(async () => {
    project.setType(type)
    receiver = await Receiver.start()
  })
  afterEach(() => end(server))
  afterAll(() => receiver.close())

  it('checks the configuration and loads the graph', async () => {
    const output = await run(project.dir, 'npx', '--no-install', 'signalbox', 'check')
    expect(output).toMatch(/^ok: .* \(greeter\)$/m)
  })

  it(
    'runs the graph and sends its webhook',
    async () => {
      server = start(project.dir, 'npx', '--no-install', 'signalbox', 'dev', '--port', '0')
      const client = new Client({ apiUrl: await readyUrl(server) })
      const { thread_id: threadId } = await client.threads.create()
      const input = { name: 'Ada' }
      const values = await client.runs.wait(threadId, 'greeter', { input, webhook: receiver.url() })
      expect(values).toEqual({ name: 'Ada', greeting: 'Good day, Ada' })
      const { body, headers } = await receiver.next()
      expect(headers['user-agent']).toMatch(/^signalbox\/\d/)
      expect(JSON.parse(body.toString())).toMatchObject({ thread_id: threadId, status: 'success', values })
    },
    START_DEADLINE_MS,
  )
})

/** @throws Error with the output when the server ends before it is ready. */
function readyUrl(server: Command): Promise<string> {
  const lines: string[] = []
  return new Promise((ready, ended) => {
    for (const stream of [server.stdout, server.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line)
        const url = /signalbox ready on (http:\/\/[^"\s]+)/.exec(line)?.[1]
        if (url) ready(url)
      })
    }
    server.once('close', () => ended(new Error(`the server ended\n${lines.join('\n')}`)))
  })
}

/** Ends npx and what it started, as Ctrl-C in a terminal does. */
async function end(server: Command | null): Promise<void> {
  if (server?.pid === undefined || server.exitCode !== null) return
  const closed = once(server, 'close')
  process.kill(-server.pid, 'SIGINT')
  await closed
}
