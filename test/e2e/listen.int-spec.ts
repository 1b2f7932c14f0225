import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommand } from '../support/command.js'
import { TestServer } from '../support/test-server.js'

const COMMAND = resolve(import.meta.dirname, '../../dist/apps/cli/main.js')
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`

describe('signalbox listen', () => {
  const server = TestServer.use({ environment: { SIGNALBOX_WEBHOOK_SECRETS: SECRET } })
  const children: ReturnType<typeof spawn>[] = []
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  /** Starts it; answers its URL and its standard output by lines. */
  async function listen(...options: string[]) {
    const child = spawn(process.execPath, [COMMAND, 'listen', '--port', '0', ...options], {
      env: { ...process.env, NODE_OPTIONS: '', SIGNALBOX_WEBHOOK_SECRETS: SECRET },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const told: string[] = []
    await once(
      createInterface(child.stderr).on('line', (line) => told.push(line)),
      'line',
    )
    return { child, told, url: /http:\/\/[^/ ]+/.exec(told[0] ?? '')?.[0] ?? '', lines: createInterface(child.stdout) }
  }

  async function nextLine(lines: Interface): Promise<Record<string, unknown>> {
    const [line] = (await once(lines, 'line')) as [string]
    return JSON.parse(line) as Record<string, unknown>
  }

  it('prints the webhook of a run with a valid signature, passes it on, and ends by SIGTERM with 0', async () => {
    const to = server.receiver.url('/app')
    const { child, told, url, lines } = await listen('--json', '--forward-to', `${to}?token=sesame`)
    await expect.poll(() => told).toContain(`forwarding to ${to}`)
    const printed = nextLine(lines)
    const { thread_id } = await server.client.threads.create()
    const { run_id } = await server.client.runs.create(thread_id, 'echo', { input: {}, webhook: `${url}/hook` })
    expect(await printed).toMatchObject({
      path: '/hook',
      signature: 'valid',
      forwarded: { status: 200 },
      body: { run_id, status: 'success' },
    })
    expect((await server.receiver.next()).url).toBe('/app?token=sesame')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it.each([
    [['--forward-to', 'localhost:3000'], /--forward-to must be/],
    [['--forward-to', 'http://me:pw@localhost/'], /--forward-to must be/],
    [['--port', '70000'], /--port must be/],
  ])('refuses %j with a sentence', async (options, sentence) => {
    const { code, stderr, stdout } = await runCommand(['listen', ...options])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toContain('me:pw')
  })

  it('names a taken port', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { code, stderr } = await runCommand(['listen', '--port', String(port)])
    taken.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is taken`)
  })
})
