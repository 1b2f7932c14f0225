import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Counter, Registry } from 'prom-client'
import { Logger, MetricSources } from '#kernel'

/**
 * Why a held response is over. `finished`: the client has everything; `left`: it has gone; `unread`: it took nothing for
 * too long; `lagged`: it fell behind the events that are kept; `shutdown`: the server stops; `failed`: a fault of ours.
 */
export type EndReason = 'finished' | 'left' | 'unread' | 'lagged' | 'shutdown' | 'failed'

/** Ends that a client brings about by reading too slowly: whoever runs it wants to know. */
const TOO_SLOW: ReadonlySet<EndReason> = new Set<EndReason>(['unread', 'lagged'])

const RUN_AT_THE_END = /\/runs\/([^/?]+)$/

/** Counts how held responses end, and logs those that are cut because their client reads too slowly. */
@Injectable()
export class StreamEnds implements OnModuleInit {
  readonly #registry = new Registry()
  readonly #ends = new Counter({
    name: 'signalbox_streams_ended_total',
    help: 'Event streams and waits that are over, by why.',
    labelNames: ['reason'],
    registers: [this.#registry],
  })

  constructor(
    private readonly sources: MetricSources,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.sources.addSeries('streams', this.#registry)
  }

  /** `place` is the path of what was followed. */
  note(place: string, reason: EndReason): void {
    this.#ends.inc({ reason })
    if (!TOO_SLOW.has(reason)) return
    const runId = RUN_AT_THE_END.exec(place)?.[1]
    this.logger.info({ ...(runId ? { run_id: runId } : {}), place, reason }, 'a reader was too slow and is cut off')
  }
}
