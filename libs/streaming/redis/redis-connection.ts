import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { Settings } from '#config'
import { Database } from '#database'
import { Logger, ReadinessProbes } from '#kernel'
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
    private readonly probes: ReadinessProbes,
  ) {
    this.link = redis === null ? null : new RedisLink(redis.uri, logger)
  }

  /** @throws AppError `start_refused` when Redis cannot be reached. */
  async onModuleInit(): Promise<void> {
    if (!this.link) return
    const id = await this.installation.id(this.database)
    if (id === null) throw new Error('the table installation is empty')
    await this.link.open(`signalbox:${id}:`)
    const { link } = this
    // Runs, webhooks and answers go on without it; streams wait.
    this.probes.add('redis', async () => ((await link.answers()) ? null : 'is away'), { isOptional: true })
  }

  onModuleDestroy(): void {
    this.link?.close()
  }
}
