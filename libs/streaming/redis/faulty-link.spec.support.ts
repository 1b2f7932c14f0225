import { JsonLogger } from '#kernel'
import { TEST_REDIS } from '#testing'
import { RedisLink } from './redis-link.js'

/** What becomes of a command: it is not taken, taken but not answered, or nothing is heard of it; or Redis is away. */
export type Fault = 'refused' | 'answer lost' | 'silence' | 'away'

/** A link to the Redis of the tests on which commands fail as the spec says. */
export class FaultyLink extends RedisLink {
  fault: Fault | null = null
  failures = 0
  /** So many of the next commands are refused. */
  refusals = 0

  constructor() {
    super(TEST_REDIS ?? '', JsonLogger.create('silent'))
  }

  override get isUp(): boolean {
    return this.fault !== 'away' && super.isUp
  }

  override async send<Reply>(...command: string[]): Promise<Reply> {
    const { fault } = this
    if (this.refusals > 0) {
      this.refusals -= 1
      throw new Error('refused')
    }
    if (fault === null) return super.send(...command)
    if (fault === 'answer lost') await super.send(...command)
    this.failures += 1
    if (fault === 'silence') return new Promise(() => undefined)
    throw new Error(fault)
  }

  /** Loses the connection of commands by the doing of another; resolves once it is back. */
  async reconnect(other: RedisLink): Promise<void> {
    this.fault = null
    const isBack = new Promise<void>((resolve) => this.onUp(resolve))
    await other.send('CLIENT', 'KILL', 'ID', String(await this.send('CLIENT', 'ID')))
    await isBack
  }
}
