import { Injectable } from '@nestjs/common'
import type { StreamPart } from '#graphs'
import { RunStreams, ThreadStreams } from '#streaming'
import type { Run } from './run.js'

/** Where the events of runs go: to the readers of the run, and to those of its thread. */
@Injectable()
export class RunEvents {
  constructor(
    private readonly runs: RunStreams,
    private readonly threads: ThreadStreams,
  ) {}

  /** An attempt begins. */
  started({ runId, threadId, attempt, kwargs, temporary }: Run): void {
    this.runs.open(runId, { replayable: kwargs.resumable, attempt })
    this.runs.append(runId, 'metadata', JSON.stringify({ run_id: runId, attempt }))
    // Nobody is told the thread of a stateless run.
    if (!temporary) this.threads.runStarted(threadId, runId)
  }

  /** The graph gave something. */
  part(runId: string, { event, json }: StreamPart): void {
    this.runs.append(runId, event, json)
  }

  /** Nothing more comes from this attempt: readers look up how the run stands and attach anew if it goes on. */
  left(runId: string): void {
    this.runs.end(runId)
  }
}
