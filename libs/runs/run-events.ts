import { Injectable } from '@nestjs/common'
import { Database } from '#database'
import type { StreamPart } from '#graphs'
import { RunStreams, ThreadStreams } from '#streaming'
import type { Run } from './run.js'
import { RunsRepository } from './runs.repository.js'

/** Where the events of runs go: to the readers of the run, and to those of its thread. */
@Injectable()
export class RunEvents {
  constructor(
    private readonly runs: RunStreams,
    private readonly threads: ThreadStreams,
    private readonly database: Database,
    private readonly repository: RunsRepository,
  ) {}

  /** An attempt begins: what earlier ones gave elsewhere is brought here first. */
  async started({ runId, threadId, attempt, kwargs, temporary }: Run): Promise<void> {
    const replayable = kwargs.resumable
    const reading = new AbortController()
    if (attempt > 1) await this.runs.attach(runId, { replayable, attempt, takesOver: true }, reading.signal)
    this.runs.open(runId, { replayable, attempt })
    reading.abort()
    this.runs.append(runId, 'metadata', JSON.stringify({ run_id: runId, attempt }), attempt)
    // Nobody is told the thread of a stateless run.
    if (!temporary) this.threads.runStarted(threadId, runId)
  }

  /** The graph gave something. */
  part({ runId, attempt }: Run, { event, json }: StreamPart): void {
    this.runs.append(runId, event, json, attempt)
  }

  /** Resolves when whoever reads the run can have all that the attempt gave, or when that takes too long. */
  given(runId: string): Promise<void> {
    return this.runs.flushed(runId)
  }

  /**
   * Nothing more comes from this attempt, whose end was not taken: the run is somebody else's, gone, or has ended here
   * already and the answer to that was lost. Then its readers get the error that it ended with.
   */
  async left({ runId, attempt }: Run): Promise<void> {
    let errorJson: string | undefined
    try {
      errorJson = (await this.repository.errors(this.database, [runId])).get(runId)
    } finally {
      this.runs.leave(runId, attempt, errorJson ?? null)
    }
  }

  /** The run goes on elsewhere, or waits for it: its readers stay. */
  async handedOver({ runId, attempt }: Run): Promise<void> {
    await this.runs.flushed(runId)
    this.runs.handOver(runId, attempt)
  }
}
