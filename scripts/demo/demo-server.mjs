import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './place.mjs'
import { dim, say } from './terminal.mjs'

const READY = /signalbox ready on (http:\/\/[^"\s]+)/
const START_DEADLINE_MS = 60_000
/** A server that has not ended this long after it was told to is killed, in ms. */
const STOP_DEADLINE_MS = 10_000
const KEPT_LINES = 200

/** `signalbox dev` with the root `langgraph.json`, as a child process. */
export class DemoServer {
  /** Base URL, once it is ready. */
  url = ''
  /** Whether it was told to stop. */
  isStopping = false
  #ended = new AbortController()
  #startedAt = performance.now()
  /** @type {string[]} */
  #lines = []
  #child

  /** @param {{ place: import('./place.mjs').Place, secret: string }} options */
  constructor({ place, secret }) {
    const { host, port, dataDir } = place
    say(dim(`$ signalbox dev --host ${host} --port ${port}`))
    const options = { config: join(ROOT, 'langgraph.json'), 'data-dir': dataDir, host, port }
    this.#child = spawnDev(options, environment(secret))
    /** Resolves when the process is gone. @type {Promise<void>} */
    this.closed = new Promise((resolve) => this.#child.once('close', () => resolve()))
    void this.closed.then(() => this.#ended.abort(new Error('The server has ended.')))
    process.once('exit', () => this.#signal('SIGTERM'))
  }

  /** Aborted when the process is gone. */
  get ended() {
    return this.#ended.signal
  }

  /** Waits until requests are answered. @throws Error with the server's own words when that does not come. */
  async ready() {
    const late = sleep(START_DEADLINE_MS, 'was not ready in time', { ref: false })
    const outcome = await Promise.race([this.#readyUrl(), this.closed.then(() => 'could not start'), late])
    if (!outcome.startsWith('http')) throw new Error(`The server ${outcome}.\n${this.#lines.join('\n')}`)
    this.url = outcome
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1)
    say(`signalbox ready on ${this.url} ${dim(`after ${seconds} s, on the embedded database`)}`)
  }

  /** What the server has said at level warn or above, and what was no log line at all. */
  complaints() {
    return this.#lines.filter((line) => !/"level":"(debug|info)"/.test(line))
  }

  /** Ends it, once however often it is asked for; resolves when it is gone. */
  async stop() {
    if (!this.isStopping) this.#signal('SIGTERM')
    this.isStopping = true
    const killed = setTimeout(() => this.#signalGroup('SIGKILL'), STOP_DEADLINE_MS)
    await this.closed
    clearTimeout(killed)
  }

  /** @returns {Promise<string>} */
  #readyUrl() {
    return new Promise((resolve) => {
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        createInterface(stream).on('line', (line) => {
          this.#lines = [...this.#lines, line].slice(-KEPT_LINES)
          const url = READY.exec(line)?.[1]
          if (url) resolve(url)
        })
      }
    })
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    if (!this.#ended.signal.aborted) this.#child.kill(signal)
  }

  /** @param {NodeJS.Signals} signal */
  #signalGroup(signal) {
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal)
  }
}

/**
 * In a process group of its own: Ctrl-C in the terminal reaches the demo alone, which stops the server in order.
 * @param {Record<string, string | number>} options
 * @param {NodeJS.ProcessEnv} env
 */
function spawnDev(options, env) {
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  const command = [join(ROOT, 'dist', 'apps', 'cli', 'main.js'), 'dev', ...args]
  return spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

/**
 * The caller's environment without what would lead the demo to another database, key or port.
 * @param {string} secret
 */
function environment(secret) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SIGNALBOX_|DATABASE_UR[IL]$|REDIS_URI$)/.test(name))
  return { ...Object.fromEntries(kept), SIGNALBOX_WEBHOOK_SECRETS: secret }
}
