import { Client } from '@langchain/langgraph-sdk'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { Gate } from '../support/gate.js'
import { ServerProcess } from '../support/server-process.js'
import { PythonDialect } from './python-dialect.js'

/** A server with both clients, which note each request as `METHOD /path`. */
export class Ground {
  readonly requests: string[] = []
  readonly client: Client
  readonly python: PythonDialect

  private constructor(
    readonly server: ServerProcess,
    private readonly database: TestDatabaseSettings,
  ) {
    this.client = new Client({
      apiUrl: server.url,
      onRequest: ({ pathname }, init) => {
        this.requests.push(`${init.method ?? 'GET'} ${pathname}`)
        return init
      },
    })
    this.python = new PythonDialect(server.url, (request) => this.requests.push(request))
  }

  static async start(): Promise<Ground> {
    const database = await freshDatabase()
    return new Ground(await ServerProcess.start({ database: database.settings }), database)
  }

  /** A thread on which `steps` has run to its end. */
  async ranThread(): Promise<{ threadId: string; runId: string; checkpointId: string }> {
    const { thread_id: threadId } = await this.client.threads.create()
    await this.client.runs.wait(threadId, 'steps', { input: {} })
    const [run] = await this.client.runs.list(threadId)
    const { checkpoint } = await this.client.threads.getState(threadId)
    return { threadId, runId: run?.run_id ?? '', checkpointId: checkpoint.checkpoint_id ?? '' }
  }

  /** Calls it with a run that is held at a gate until it is cancelled or the gate is opened. */
  async withHeldRun(use: (held: { threadId: string; runId: string; gate: Gate }) => Promise<void>): Promise<void> {
    const gate = await Gate.make()
    try {
      const { thread_id: threadId } = await this.client.threads.create()
      const run = await this.client.runs.create(threadId, 'steps', { input: { gate: gate.url } })
      await gate.reached()
      await use({ threadId, runId: run.run_id, gate })
    } finally {
      await gate.close()
    }
  }

  /** Whether a request to this route was made since the last call of `forget`. */
  hasReached(route: string): boolean {
    const pattern = route
      .replaceAll('.', '\\.')
      .replace(/\*$/, '.+')
      .replaceAll(/\{[a-z_]+\}/g, '[^/]+')
    return this.requests.some((request) => new RegExp(`^${pattern}$`).test(request))
  }

  forget(): void {
    this.requests.length = 0
  }

  async stop(): Promise<void> {
    await this.server.stop()
    await this.database.remove()
  }
}

/** All of a stream's items. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}
