import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { ParentMessage } from '../server/stop-requests.js'

/** A server that has not ended this long after it was told to make room for the next is killed, in ms. */
export const RESTART_DEADLINE_MS = 8_000

/** What the supervisor works with. */
export interface SupervisorOptions {
  /** Starts the server as a child process with an IPC channel; it sends `ready` once it answers requests. */
  readonly spawn: () => ChildProcess
  /** Tells the developer something, a line. */
  readonly tell: (line: string) => void
}

/**
 * Keeps one development server running and replaces it when the project changes.
 *
 * starting ─ready─► running ─change─► restarting ─exit─► starting
 * starting ─exit─► over when it was the first start, else resting ─change─► starting
 * running ─exit by itself─► over; any state ─signal─► stopping ─exit─► over; a second signal kills.
 */
export class DevSupervisor {
  #child: ChildProcess | null = null
  #state: 'starting' | 'running' | 'restarting' | 'resting' | 'stopping' = 'starting'
  #hasRun = false
  #over: (exitCode: number) => void = () => undefined
  #deadline: NodeJS.Timeout | null = null

  constructor(private readonly options: SupervisorOptions) {}

  /** Runs until the server ends for good; resolves to the exit code to end with. */
  run(): Promise<number> {
    return new Promise((resolve) => {
      this.#over = resolve
      this.#start()
    })
  }

  /** The project has changed: this file, as it is told to the developer. */
  changed(file: string): void {
    if (this.#state !== 'resting' && this.#state !== 'running' && this.#state !== 'starting') return
    this.options.tell(`${file} has changed: starting anew.`)
    if (this.#state === 'resting') return this.#start()
    this.#state = 'restarting'
    this.#send('restart')
    this.#deadline = setTimeout(() => this.#child?.kill('SIGKILL'), RESTART_DEADLINE_MS)
  }

  /** The developer wants to stop; the second time, at once. */
  signalled(): void {
    if (this.#state === 'resting') return this.#over(0)
    if (this.#state === 'stopping') return void this.#child?.kill('SIGKILL')
    this.#state = 'stopping'
    this.#send('stop')
  }

  /** The process that started this one is gone: stops once, in order. */
  abandoned(): void {
    if (this.#state !== 'stopping') this.signalled()
  }

  #start(): void {
    this.#state = 'starting'
    const child = this.options.spawn()
    this.#child = child
    child.on('message', () => this.#ready())
    child.on('error', (error) => this.options.tell(`The server could not be started: ${error.message}`))
    child.on('close', (code, signal) => this.#exited(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  }

  #ready(): void {
    this.#hasRun = true
    if (this.#state === 'starting') this.#state = 'running'
  }

  #exited(exitCode: number): void {
    if (this.#deadline) clearTimeout(this.#deadline)
    this.#child = null
    const canGoOn = this.#state === 'restarting' && (this.#hasRun || exitCode === 0)
    if (canGoOn) return this.#start()
    if (this.#state !== 'starting' || !this.#hasRun) return this.#over(exitCode)
    this.#state = 'resting'
    this.options.tell('The server could not start. Waiting for a change.')
  }

  #send(message: ParentMessage): void {
    // A channel that has just closed: the exit that follows says all.
    if (this.#child?.connected) this.#child.send(message, () => undefined)
  }
}
