import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { Settings } from '#config'
import { Database } from '#database'
import { Logger } from '#kernel'
import { InstallationRepository } from './installation.repository.js'
import { RedisLink } from './redis-link.js'

/** The link to the Redis of the settings, for the life of the application. */
@Injectable()
export class RedisConnection implements OnModuleInit, OnModuleDestroy {
  /** Null where this process is the only one. */
  readonly link: RedisLink | null

  constructor(
    { redis }: Settings,
    logger: Logger,
    private readonly database: Database,
    private readonly installation: InstallationRepository,
  ) {
    this.link = redis === null ? null : new RedisLink(redis.uri, logger)
  }

  /** @throws AppError `start_refused` when Redis cannot be reached. */
  async onModuleInit(): Promise<void> {
    if (!this.link) return
    const id = await this.installation.id(this.database)
    if (id === null) throw new Error('the table installation is empty')
    await this.link.open(`signalbox:${id}:`)
  }

  onModuleDestroy(): void {
    this.link?.close()
  }
}
