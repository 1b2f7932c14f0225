import { Injectable, type OnModuleInit } from '@nestjs/common'
import { EventBus, type RunFinished } from '#events'
import { RunStreams } from '#streaming'

/** Ends a run's stream once its end is stored, whatever ended it: a client that sees the end can read it (contract 7.2). */
@Injectable()
export class RunStreamEnds implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly streams: RunStreams,
  ) {}

  onModuleInit(): void {
    this.bus.afterCommit('run.finished', 'runs.stream-ends', (event) => this.#end(event))
  }

  #end({ run, error }: RunFinished): void {
    this.streams.end(run.run_id, error && JSON.stringify(error))
  }
}
