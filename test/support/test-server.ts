import { resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll } from 'vitest'
import { freshDatabase, Receiver, type TestDatabaseSettings } from '#testing'
import { ServerProcess, type ServerProcessOptions } from './server-process.js'
import { WebhookLog } from './webhook-log.js'

/** The project of graphs that ask, wait and show what they are called with. */
export const RUNS_PROJECT = resolve(import.meta.dirname, '../fixtures/runs/langgraph.json')

/** The project of graphs whose streams are compared event by event. */
export const STREAMS_PROJECT = resolve(import.meta.dirname, '../fixtures/streams/langgraph.json')

/** How long an HTTP answer may take, in ms: a server that hangs fails its test. */
const ANSWER_DEADLINE_MS = 30_000

/** What a raw request came to. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; its text where it is no JSON; undefined when there is none. */
  readonly body: unknown
}

/** One running server for a spec file, with a fresh database, the official client, and a receiver of webhooks. */
export class TestServer {
  #fresh: TestDatabaseSettings | null = null
  #process: ServerProcess | null = null
  #client: Client | null = null
  #receiver: Receiver | null = null

  /** Starts it before the tests of the file and stops it after them. */
  static use(options: ServerProcessOptions = {}): TestServer {
    const server = new TestServer()
    beforeAll(() => server.#start(options))
    afterAll(() => server.#stop())
    return server
  }

  get url(): string {
    return started(this.#process).url
  }

  get client(): Client {
    return started(this.#client)
  }

  get receiver(): Receiver {
    return started(this.#receiver)
  }

  get webhooks(): WebhookLog {
    return new WebhookLog(this.receiver)
  }

  /** The lines of its log so far. */
  get output(): readonly string[] {
    return started(this.#process).output
  }

  get database(): TestDatabaseSettings['settings'] {
    return started(this.#fresh).settings
  }

  /** A request as it is written, by no client. */
  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    })
    return { status: answer.status, headers: answer.headers, body: parsed(await answer.text()) }
  }

  async #start(options: ServerProcessOptions): Promise<void> {
    this.#fresh = await freshDatabase()
    this.#process = await ServerProcess.start({ database: this.#fresh.settings, ...options })
    // Fails at once instead of trying again: a repeated request would hide a fault.
    this.#client = new Client({ apiUrl: this.#process.url, callerOptions: { maxRetries: 0, maxConcurrency: 200 } })
    this.#receiver = await Receiver.start()
  }

  async #stop(): Promise<void> {
    await this.#process?.stop()
    await this.#receiver?.close()
    await this.#fresh?.remove()
  }
}

function started<Part>(part: Part | null): Part {
  if (part === null) throw new Error('the test server has not been started')
  return part
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
