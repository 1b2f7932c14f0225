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
  /** How often a channel was begun to be listened to. */
  subscriptions = 0
  /** The next command of this name is answered late. */
  #late: { readonly name: string; readonly come: Promise<void>; readonly isAsked: () => void } | null = null

  readonly #onDown: (() => void)[] = []

  constructor() {
    super(TEST_REDIS ?? '', JsonLogger.create('silent'))
  }

  override get isUp(): boolean {
    return this.fault !== 'away' && super.isUp
  }

  override onDown(callback: () => void): void {
    this.#onDown.push(callback)
  }

  /** Loses Redis until `reconnect`. */
  lose(): void {
    this.fault = 'away'
    for (const callback of this.#onDown) callback()
  }

  override subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    this.subscriptions += 1
    return super.subscribe(channel, listener)
  }

  /** The answer to the next command of this name comes when `let` is called; `asked` resolves once it is there. */
  delayAnswer(name: string): { readonly asked: Promise<void>; readonly let: () => void } {
    let come = () => {}
    let isAsked = () => {}
    const asked = new Promise<void>((resolve) => (isAsked = resolve))
    this.#late = { name, come: new Promise((resolve) => (come = resolve)), isAsked }
    return { asked, let: come }
  }

  override async send<Reply>(...command: string[]): Promise<Reply> {
    const { fault } = this
    if (this.refusals > 0) {
      this.refusals -= 1
      throw new Error('refused')
    }
    if (fault === null) return this.#inTime(command)
    if (fault === 'answer lost') await super.send(...command)
    this.failures += 1
    if (fault === 'silence') return new Promise(() => undefined)
    throw new Error(fault)
  }

  async #inTime<Reply>(command: string[]): Promise<Reply> {
    const late = this.#late?.name === command[0] ? this.#late : null
    if (late) this.#late = null
    const reply = await super.send<Reply>(...command)
    late?.isAsked()
    await late?.come
    return reply
  }

  /** Loses the connection of commands by the doing of another; resolves once it is back. */
  async reconnect(other: RedisLink): Promise<void> {
    this.fault = null
    const isBack = new Promise<void>((resolve) => this.onUp(resolve))
    await other.send('CLIENT', 'KILL', 'ID', String(await this.send('CLIENT', 'ID')))
    await isBack
  }
}
