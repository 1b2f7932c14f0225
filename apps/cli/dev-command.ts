import { type ChildProcess, spawn } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DevSupervisor } from './dev-supervisor.js'
import type { ServeOptions } from './program.js'
import { SourceWatcher } from './source-watcher.js'
import { watchPlan } from './watch-plan.js'

const SERVER = fileURLToPath(new URL('../server/main.js', import.meta.url))

/** `signalbox dev`: the server in a child process, started anew when the project changes. */
export async function dev(options: ServeOptions): Promise<void> {
  const supervisor = new DevSupervisor({ spawn: () => spawnServer(options), tell })
  const exitCode = supervisor.run()
  process.on('SIGINT', () => supervisor.signalled()).on('SIGTERM', () => supervisor.signalled())
  followParent(() => supervisor.abandoned())
  const stopWatching = watchProject(options, (file) => supervisor.changed(relative(process.cwd(), file)))
  process.exitCode = await exitCode
  stopWatching()
}

function spawnServer({ config, host, port, dataDir }: ServeOptions): ChildProcess {
  const given = { config, host, port, 'data-dir': dataDir }
  const args = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  return spawn(process.execPath, [SERVER, 'dev', '--supervised', ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** Where a program started this process with an IPC channel, its end is told, also when it was killed. */
function followParent(onGone: () => void): void {
  process.once('disconnect', onGone)
  process.channel?.unref() // the listener alone must not keep this process
}

/** Watches by a fresh plan after each change, since the change may be of what the plan was made from. */
function watchProject({ config, dataDir }: ServeOptions, onChange: (file: string) => void): () => void {
  let watcher: SourceWatcher | null = null
  let isTold = false
  const troubled = (error: unknown) => {
    if (!isTold) tell(`Not every change is seen any more: ${error instanceof Error ? error.message : String(error)}`)
    isTold = true
  }
  const watch = () => {
    watcher?.close()
    watcher = new SourceWatcher(watchPlan(config, dataDir), { changed, troubled })
  }
  const changed = (file: string) => {
    watch()
    onChange(file)
  }
  watch()
  return () => watcher?.close()
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
