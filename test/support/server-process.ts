import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { TestDatabaseSettings } from '#testing'

const COMMAND = resolve(import.meta.dirname, '../../dist/apps/cli/main.js')

/** The project whose graphs the tests run. */
export const PROJECT = resolve(import.meta.dirname, '../fixtures/project/langgraph.json')

/** How long a start may take, in ms. */
const START_DEADLINE_MS = 60_000

/** What it says once it answers. */
const READY = /signalbox (?:ready on|worker ready, its health at) (http:\/\/[^"\s/]+)/

/** What differs from a plain `signalbox start` on a free port. */
export interface ServerProcessOptions {
  readonly command?: 'start' | 'dev'
  /** Options of the command line beside those of every test. */
  readonly args?: readonly string[]
  readonly config?: string
  readonly database?: TestDatabaseSettings['settings']
  readonly environment?: Record<string, string>
}

/** A process's room for runs, as it tells it. */
export interface WorkerRoom {
  readonly max: number
  readonly active: number
  readonly available: number
}

/** The built server as a user runs it: a process of its own, stopped or killed by the test. */
export class ServerProcess {
  readonly output: string[] = []

  #onReady: (url: string) => void = () => {}

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Starts it and waits for the ready line. @throws Error with the output when it ends before. */
  static start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    return ServerProcess.#whenReady(ServerProcess.#spawn(options))
  }

  /** Starts it and kills it after `afterMs`, wherever its start has come to by then. */
  static async killWhileStarting(options: ServerProcessOptions, afterMs: number): Promise<void> {
    const child = ServerProcess.#spawn(options)
    const exit = once(child, 'exit')
    child.stdout?.resume()
    child.stderr?.resume()
    await pause(afterMs)
    child.kill('SIGKILL')
    await exit
  }

  static #spawn(options: ServerProcessOptions): ChildProcess {
    const { command = 'start', args = [], config = PROJECT, database, environment = {} } = options
    const scratch = mkdtempSync(join(tmpdir(), 'signalbox-data-'))
    const dataDir = database?.kind === 'embedded' ? database.dir : scratch
    const child = spawn(
      process.execPath,
      [COMMAND, command, ...args, '--config', config, '--port', '0', '--data-dir', dataDir],
      {
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
          SIGNALBOX_WEBHOOK_RETRY_SCHEDULE: '50ms,100ms,200ms,1s',
          ...(database?.kind === 'postgres' ? { DATABASE_URI: database.uri } : {}),
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    child.once('exit', () => rmSync(scratch, { recursive: true, force: true }))
    return child
  }

  static #whenReady(child: ChildProcess): Promise<ServerProcess> {
    const lines: string[] = []
    return new Promise((resolveReady, reject) => {
      const fail = (why: string) => reject(new Error(`${why}\n${lines.join('\n')}`))
      const deadline = setTimeout(() => fail('the server was not ready in time'), START_DEADLINE_MS)
      // 'close' comes once the output is read to its end, so that the sentence of a refused start is in it.
      child.once('close', (code) => {
        clearTimeout(deadline)
        fail(`the server ended with code ${code}`)
      })
      let server: ServerProcess | null = null
      const read = (line: string) => {
        const output = server?.output ?? lines
        output.push(line)
        const url = READY.exec(line)?.[1]
        if (!url) return
        if (server) return server.#onReady(url)
        clearTimeout(deadline)
        server = new ServerProcess(child, url)
        server.output.push(...lines)
        resolveReady(server)
      }
      for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', read)
    })
  }

  /** The address that the server of `dev` tells when it has restarted. */
  nextReady(): Promise<string> {
    return new Promise((resolveReady) => (this.#onReady = resolveReady))
  }

  /** Ends it as an operator does; returns the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Sends it a signal that does not end it: `SIGSTOP`, `SIGCONT`. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Resolves with its exit code once it has ended, by itself or by a signal. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit')
    return this.child.exitCode
  }

  /** How many runs it can execute, and executes now, by its metrics. */
  async workers(): Promise<WorkerRoom> {
    const metrics = (await (await fetch(`${this.url}/metrics?format=json`)).json()) as { workers: WorkerRoom }
    return metrics.workers
  }

  #end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return this.ended()
  }
}
