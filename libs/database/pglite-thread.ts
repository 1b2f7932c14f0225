import { Worker } from 'node:worker_threads'

/** What the thread is asked; see `pglite-worker.mjs`. */
type Question =
  | { readonly kind: 'opened' | 'reset' | 'close' }
  | { readonly kind: 'execute'; readonly message: Uint8Array<ArrayBuffer> }

/** What it answers, in the order of the questions. */
interface Answer {
  readonly answer?: Uint8Array
  readonly error?: string
}

interface Waiting {
  readonly resolve: (answer: Uint8Array | undefined) => void
  readonly reject: (error: Error) => void
}

/** Where the database lies, and whether pgvector can be switched on. */
export interface ThreadOptions {
  readonly dir: string
  readonly vectors: boolean
}

/**
 * The embedded database in a thread of its own, so that its work and the server's go on side by side. It keeps the
 * process alive only while something is asked of it. When the thread dies, what waits and all that is asked later
 * rejects with the reason.
 */
export class PGliteThread {
  readonly #waiting: Waiting[] = []
  #ended: Error | null = null
  #isClosing = false

  private constructor(
    private readonly worker: Worker,
    private readonly died: (reason: Error) => void,
  ) {
    worker.on('message', (answer: Answer) => this.#take(answer))
    worker.on('error', (error: Error) => this.#end(error))
    worker.on('exit', () => this.#end(new Error('the embedded database has ended')))
  }

  /**
   * Starts the thread and opens the database; `died` is called when the thread ends before it is closed.
   * @throws Error when the database cannot be opened.
   */
  static async open(options: ThreadOptions, died: (reason: Error) => void): Promise<PGliteThread> {
    const worker = new Worker(new URL('./pglite-worker.mjs', import.meta.url), { workerData: options })
    const thread = new PGliteThread(worker, died)
    try {
      await thread.#ask({ kind: 'opened' })
      return thread
    } catch (error) {
      thread.#isClosing = true
      await worker.terminate()
      throw error
    }
  }

  /** Hands over a message of PostgreSQL's wire protocol and answers in the same. */
  async execute(chunk: Uint8Array): Promise<Uint8Array> {
    // A copy that is handed over: a chunk is a view, and sending it would copy all that it is a view of.
    const message = new Uint8Array(chunk)
    return (await this.#ask({ kind: 'execute', message }, [message.buffer])) ?? new Uint8Array()
  }

  /** Ends what the last connection has left: its transaction, settings and temporary tables. */
  async reset(): Promise<void> {
    await this.#ask({ kind: 'reset' })
  }

  /** Closes the database and ends the thread, also when the first fails. @throws Error when it could not be closed. */
  async close(): Promise<void> {
    this.#isClosing = true
    try {
      await this.#ask({ kind: 'close' })
    } finally {
      await this.worker.terminate()
    }
  }

  #ask(question: Question, handedOver: ArrayBuffer[] = []): Promise<Uint8Array | undefined> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ resolve, reject }) === 1) this.worker.ref()
      this.worker.postMessage(question, handedOver)
    })
  }

  #take({ answer, error }: Answer): void {
    const asked = this.#waiting.shift()
    if (this.#waiting.length === 0) this.worker.unref()
    if (error === undefined) asked?.resolve(answer)
    else asked?.reject(new Error(error))
  }

  #end(reason: Error): void {
    if (this.#ended) return
    this.#ended = reason
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
    if (!this.#isClosing) this.died(reason)
  }
}
