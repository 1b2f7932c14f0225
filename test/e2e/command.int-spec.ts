import 'reflect-metadata'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../support/command.js'
import { Gate } from '../support/gate.js'
import { PROJECT, ServerProcess } from '../support/server-process.js'

const GRAPH = `import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
export const graph = new StateGraph(MessagesAnnotation).addNode('one', () => ({})).addEdge('__start__', 'one').compile()`

describe('the command', () => {
  let scratch: string
  let taken: Server

  beforeAll(async () => {
    // Inside the repository, so that the projects find LangGraph as a user's project does.
    mkdirSync(resolve(import.meta.dirname, '../../dist/test-projects'), { recursive: true })
    scratch = mkdtempSync(resolve(import.meta.dirname, '../../dist/test-projects/project-'))
    taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
  })
  afterAll(() => {
    taken.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  const dataDir = () => mkdtempSync(join(tmpdir(), 'signalbox-command-'))
  const project = (config: object, files: Record<string, string> = {}) => {
    const dir = mkdtempSync(join(scratch, 'p-'))
    writeFileSync(join(dir, 'langgraph.json'), JSON.stringify(config))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    return join(dir, 'langgraph.json')
  }

  it('names a taken port and ends with 1', async () => {
    const { port } = taken.address() as AddressInfo
    const end = await runCommand(['start', '--config', PROJECT, '--port', String(port), '--data-dir', dataDir()])
    expect(end.code).toBe(1)
    expect(end.stderr).toContain(String(port))
    expect(end.stderr).not.toContain('    at ')
  })

  it('names a missing config and ends with 1', async () => {
    const end = await runCommand(['start', '--config', 'nowhere/langgraph.json', '--port', '0'])
    expect(end.code).toBe(1)
    expect(end.stderr).toContain('nowhere/langgraph.json')
  })

  it('lists every graph that does not load', async () => {
    const config = project(
      { graphs: { one: './one.ts:graph', two: './two.ts:graph' } },
      { 'one.ts': 'export const other = 1', 'two.ts': 'throw new Error("no luck")' },
    )
    for (const args of [['check'], ['start', '--port', '0', '--data-dir', dataDir()]]) {
      const end = await runCommand([...args, '--config', config])
      expect(end.code).toBe(1)
      expect(end.stderr).toContain('"one"')
      expect(end.stderr).toContain('no luck')
    }
  })

  it('checks graphs and authentication, whichever of them is at fault, and so does a start', async () => {
    const config = project(
      { graphs: { one: './one.ts:graph' }, auth: { path: './auth.ts:auth' } },
      { 'one.ts': 'export const other = 1', 'auth.ts': 'export const auth = {}' },
    )
    for (const args of [['check'], ['start', '--port', '0', '--data-dir', dataDir()]]) {
      const end = await runCommand([...args, '--config', config])
      expect(end.code).toBe(1)
      expect(end.stderr).toContain('"one"')
      expect(end.stderr).toContain('auth.path (auth.ts): the export is no Auth object')
    }
  })

  it('names a module that never ends to load', async () => {
    const config = project(
      { graphs: { one: './one.ts:graph' }, auth: { path: './auth.mjs:auth' } },
      { 'one.ts': GRAPH, 'auth.mjs': 'await new Promise(() => {})\nexport const auth = {}' },
    )
    for (const args of [['check'], ['start', '--port', '0', '--data-dir', dataDir()]]) {
      const end = await runCommand([...args, '--config', config])
      expect([end.code, end.stderr]).toEqual([
        1,
        expect.stringContaining('auth.mjs: could not be loaded: an await at its top level never ends.'),
      ])
    }
  })

  it('lists every fault of the configuration, and never a value', async () => {
    const config = project(
      {
        graphs: { one: './one.ts:graph' },
        webhooks: {
          headers: { Authorization: 'Bearer ${{ env.LG_WEBHOOK_UNSET }}', Host: 'x' },
          url: { allowed_domain: [] },
        },
      },
      { 'one.ts': '' },
    )
    const end = await runCommand(['start', '--config', config, '--port', '0'], {
      SIGNALBOX_WEBHOOK_SECRETS: 'whsec_c2hvcnQtc2VjcmV0',
    })
    expect(end.code).toBe(1)
    for (const part of ['LG_WEBHOOK_UNSET', 'webhooks.headers.Host', 'allowed_domains', 'SIGNALBOX_WEBHOOK_SECRETS']) {
      expect(end.stderr).toContain(part)
    }
    expect(end.stderr).not.toContain('c2hvcnQtc2VjcmV0')
  })

  it('refuses what it would otherwise leave open', async () => {
    const config = project({ graphs: { one: './one.ts:graph' }, auth: { path: './auth.ts:auth' } }, { 'one.ts': '' })
    const end = await runCommand(['check', '--config', config])
    expect(end.code).toBe(1)
    expect(end.stderr).toContain('auth')
  })

  it.each([
    [{ auth: { path: './absent.ts:auth' } }, {}],
    [{}, { LANGGRAPH_AUTH: '{"path":"./absent.ts:auth"}' }],
  ])('says once that there is no authentication where it is looked for: %j %j', async (blocks, environment) => {
    const config = project({ graphs: { one: './one.ts:graph' }, ...blocks }, { 'one.ts': GRAPH })
    const end = await runCommand(['check', '--config', config], environment)
    expect(end.code).toBe(1)
    expect(end.stderr.match(/absent\.ts/g)).toHaveLength(1)
  })

  it('checks a project that is in order', async () => {
    const end = await runCommand(['check', '--config', PROJECT])
    expect([end.code, end.stderr]).toEqual([0, ''])
    // Of the configuration alone: what a start warns of is not asked here.
    expect(end.stdout).toMatch(/^ok: .* is valid/)
  })

  it.each([
    [{}, {}, 'none'],
    [{}, { SIGNALBOX_API_KEYS: 'a-key-of-sixteen,another-of-sixteen' }, 'by API keys (2)'],
    [{ auth: { path: './auth.mjs:auth' } }, {}, 'by auth.mjs'],
  ])('says who is let in: %j %j', async (blocks, environment, expected) => {
    const auth = "export const auth = { '~handlerCache': { authenticate: () => 'ann', callbacks: {} } }"
    const config = project({ graphs: { one: './one.ts:graph' }, ...blocks }, { 'one.ts': GRAPH, 'auth.mjs': auth })
    const end = await runCommand(['check', '--config', config], environment)
    expect(end.stdout).toMatch(/^ok: .* is valid/)
    expect(end.stdout).toContain(`\nauthentication: ${expected}\n`)
  })

  it('says which file to name where a folder was named', async () => {
    const end = await runCommand(['check', '--config', resolve(PROJECT, '..')])
    expect(end.code).toBe(1)
    expect(end.stderr).toMatch(/cannot be read: it is a folder\W+Name the file in it/)
    expect(end.stderr).not.toContain('Create it')
  })

  it('says in one line at level info that it is ready, and warns of the embedded database', async () => {
    const server = await ServerProcess.start()
    expect(server.output.filter((line) => line.includes('"level":"info"'))).toHaveLength(1)
    expect(server.output.some((line) => line.includes('DATABASE_URI') && line.includes('"level":"warn"'))).toBe(
      process.env['DATABASE_URI'] === undefined,
    )
    expect(await server.stop()).toBe(0)
  })

  /** A server with a run that stands at a gate until it is stopped. */
  async function busyServer(grace: string, gate: Gate): Promise<ServerProcess> {
    const server = await ServerProcess.start({ environment: { SIGNALBOX_SHUTDOWN_GRACE: grace } })
    const client = new Client({ apiUrl: server.url })
    const { thread_id: threadId } = await client.threads.create()
    await client.runs.create(threadId, 'steps', { input: { gate: gate.url } })
    await gate.reached()
    return server
  }

  it('says for what it waits when it is stopped', async () => {
    const gate = await Gate.make()
    const server = await busyServer('1s', gate)
    await server.stop()
    await gate.close()
    expect(server.output.join('\n')).toContain(
      '"msg":"stopping, waiting up to 1 s for 1 run; a second signal ends at once"',
    )
  })

  it('is ended at once by a second signal, and says nothing of a debugger', async () => {
    const gate = await Gate.make()
    const server = await busyServer('5m', gate)
    server.signal('SIGTERM')
    await expect.poll(() => server.output.at(-1), { timeout: 10_000 }).toContain('a second signal ends at once')
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(143)
    await gate.close()
    expect(server.output.at(-1)).toContain('a second signal ends at once')
  })

  it('reloads in dev when a graph changes', async () => {
    const source = readFileSync(resolve(import.meta.dirname, '../fixtures/project/graphs.ts'), 'utf8')
    const config = project({ graphs: { echo: './graphs.ts:echo' } }, { 'graphs.ts': source })
    const server = await ServerProcess.start({ command: 'dev', config })
    try {
      const before = new Client({ apiUrl: server.url })
      expect(await before.runs.wait(null, 'echo', { input: {} })).toEqual({ log: ['echo'] })
      const again = server.nextReady()
      writeFileSync(join(config, '../graphs.ts'), source.replace("log: ['echo']", "log: ['changed']"))
      const after = new Client({ apiUrl: await again })
      expect(await after.runs.wait(null, 'echo', { input: {} })).toEqual({ log: ['changed'] })
      expect(server.output).toContainEqual(expect.stringMatching(/graphs\.ts has changed: starting anew\.$/))
    } finally {
      await server.stop()
    }
  })
})
