import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { Settings } from '#config'
import { Logger } from '#kernel'
import { Installation } from './installation.js'
import { RedisLink } from './redis-link.js'

/** The link to the Redis of the settings, for the life of the application. */
@Injectable()
export class RedisConnection implements OnModuleInit, OnModuleDestroy {
  /** Null where this process is the only one. */
  readonly link: RedisLink | null

  constructor(
    { redis }: Settings,
    logger: Logger,
    private readonly installation: Installation,
  ) {
    this.link = redis === null ? null : new RedisLink(redis.uri, logger)
  }

  /** @throws AppError `start_refused` when Redis cannot be reached. */
  async onModuleInit(): Promise<void> {
    if (this.link) await this.link.open(`signalbox:${await this.installation.id()}:`)
  }

  onModuleDestroy(): void {
    this.link?.close()
  }
}
