import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const COMMAND = resolve(import.meta.dirname, '../../dist/apps/cli/main.js')

/** How long a command that is to end by itself may take, in ms. */
const DEADLINE_MS = 50_000

/** What a command left behind. */
export interface CommandEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `signalbox …` to its end. */
export function runCommand(args: readonly string[], environment: Record<string, string> = {}): Promise<CommandEnd> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code) => settle({ code, stdout, stderr }))
  })
}
