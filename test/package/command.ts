import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** A command that was started; its output can be read. */
export type Command = ChildProcessByStdio<null, Readable, Readable>

/** What npm sets for the scripts it runs: a user's shell has none of it. What is configured (cache, proxy) stays. */
const OF_NPM_RUN = /^(npm_(package|lifecycle|command|execpath|node_execpath)|npm_config_(local|global)_prefix|INIT_CWD)/

/** The environment of a user's shell. */
function shellEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_NPM_RUN.test(name) && !isOfTests(name))
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.endsWith('.bin'))
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), NODE_OPTIONS: '' }
}

function isOfTests(name: string): boolean {
  return name === 'NODE_ENV' || name.startsWith('VITEST') || name.startsWith('SIGNALBOX_')
}

/** Starts a command as a user would, in a process group of its own. */
export function start(cwd: string, command: string, ...args: string[]): Command {
  return spawn(command, args, { cwd, env: shellEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

/** Runs a command to its end and returns what it printed. @throws Error with all output when it fails. */
export async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const child = start(cwd, command, ...args)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${child.exitCode}\n${out}${err}`)
  return out
}
