import type { Client, Run } from '@langchain/langgraph-sdk'

/** Looks on while runs come and go on a thread, and notes whatever may not be. */
export class ThreadObserver {
  readonly #faults: string[] = []
  readonly #watching: Promise<void>
  #isStopped = false
  #looks = 0

  private constructor(
    private readonly client: Client,
    private readonly threadId: string,
  ) {
    this.#watching = this.#watch()
  }

  static watch(client: Client, threadId: string): ThreadObserver {
    return new ThreadObserver(client, threadId)
  }

  /** Looks no more. @throws Error naming what it saw that may not be, or when it saw nothing at all. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#watching
    if (this.#looks === 0) throw new Error('the observer never looked')
    if (this.#faults.length > 0) throw new Error(this.#faults.join('\n'))
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) await this.#look()
    await this.#look()
  }

  /** A run that was in flight before and after the thread was read, was so meanwhile: then the thread is busy. */
  async #look(): Promise<void> {
    const before = await this.#runs()
    const { status } = await this.client.threads.get(this.threadId)
    const after = await this.#runs()
    this.#looks += 1
    const inFlight = new Set(after.filter(isInFlight).map((run) => run.run_id))
    const throughout = before.some((run) => isInFlight(run) && inFlight.has(run.run_id))
    if (throughout && status !== 'busy') this.#faults.push(`the thread is ${status} with a run in flight`)
    const same = before.map(describe).join() === after.map(describe).join()
    if (same && before.length > 0 && inFlight.size === 0 && status === 'busy') {
      this.#faults.push('the thread is busy with no run in flight')
    }
    const running = after.filter((run) => run.status === 'running').length
    if (running > 1) this.#faults.push(`${running} runs of one thread run at once`)
  }

  #runs(): Promise<Run[]> {
    return this.client.runs.list(this.threadId, { limit: 1_000, select: ['run_id', 'status'] }) as Promise<Run[]>
  }
}

function isInFlight({ status }: Run): boolean {
  return status === 'pending' || status === 'running'
}

function describe({ run_id, status }: Run): string {
  return `${run_id}:${status}`
}
