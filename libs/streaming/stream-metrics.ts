import { Injectable, type OnModuleInit } from '@nestjs/common'
import { MetricSources } from '#kernel'
import { OpenResponses } from './open-responses.js'

/** Offers the number of responses that are held open. */
@Injectable()
export class StreamMetrics implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly responses: OpenResponses,
  ) {}

  onModuleInit(): void {
    const help = 'Event streams and waits that this process holds open.'
    this.sources.add('streams', () =>
      Promise.resolve([
        { name: 'signalbox_open_streams', help, value: this.responses.size, at: ['streams', 'open'] as const },
      ]),
    )
  }
}
