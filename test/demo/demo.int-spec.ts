import 'reflect-metadata'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'

const DEMO = resolve(import.meta.dirname, '../../scripts/demo.mjs')
const DEMO_DEADLINE_MS = 90_000

type Demo = ChildProcessByStdio<null, Readable, null>

let child: Demo

/** The demo on a free port, in a data folder of its own. */
function startDemo(args: string[], environment: Record<string, string> = {}): Demo {
  child = spawn(process.execPath, [DEMO, '--port', '0', ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return child
}

async function outcomeOf(demo: Demo): Promise<{ output: string; exitCode: number | null }> {
  const [output] = await Promise.all([text(demo.stdout), once(demo, 'close')])
  return { output, exitCode: demo.exitCode }
}

async function expectNoServer(output: string): Promise<void> {
  const url = /ready on (\S+)/.exec(output)?.[1] ?? ''
  expect(url).toMatch(/^http:/)
  await expect(fetch(`${url}/ok`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
}

afterEach(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
})

it('tells an option that it does not know before it builds anything', async () => {
  const built = () => statSync(resolve(import.meta.dirname, '../../dist/apps/cli/main.js')).mtimeMs
  const before = built()
  const { output, exitCode } = await outcomeOf(startDemo(['--build', '--colour']))
  expect([output, exitCode, built()]).toEqual(['', 1, before])
})

it(
  'shows the stream and the webhook as it arrived, with a signature that holds, and ends',
  async () => {
    const { output, exitCode } = await outcomeOf(startDemo(['--once']))
    expect(output).toMatch(/on_chat_model_stream +answer +"said: "/)
    expect(output).toMatch(/webhook-signature: v1,\S{40,}/)
    expect(output).toContain('"content": "You said: Hello! Tell me more!"')
    expect(output).toContain('signature verified: yes')
    expect(output).not.toContain('\u001B')
    expect(exitCode).toBe(0)
    await expectNoServer(output)
  },
  DEMO_DEADLINE_MS,
)

it(
  'ends with 1 when the webhook has not arrived in time',
  async () => {
    const demo = startDemo(['--once', '--deadline', '2'], { LANGGRAPH_HTTP: '{"disable_webhooks": true}' })
    const { output, exitCode } = await outcomeOf(demo)
    expect(output).toContain('The webhook has not arrived within 2 s.')
    expect(exitCode).toBe(1)
    await expectNoServer(output)
  },
  DEMO_DEADLINE_MS,
)

it(
  'stays up until Ctrl-C and leaves no server behind',
  async () => {
    const demo = startDemo([])
    const outcome = outcomeOf(demo)
    await untilPrinted(demo, 'Up until Ctrl-C.')
    demo.kill('SIGINT')
    const { output, exitCode } = await outcome
    expect(exitCode).toBe(0)
    expect(output).toMatch(/console +http:\S+\/console/)
    await expectNoServer(output)
  },
  DEMO_DEADLINE_MS,
)

function untilPrinted(demo: Demo, sentence: string): Promise<void> {
  let printed = ''
  return new Promise((found, ended) => {
    demo.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes(sentence)) found()
    })
    demo.once('close', () => ended(new Error(`the demo ended before it printed «${sentence}»:\n${printed}`)))
  })
}
