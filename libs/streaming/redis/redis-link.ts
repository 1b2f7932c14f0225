import { createClient, ErrorReply } from '@redis/client'
import { describeError, type Logger } from '#kernel'
import { RedisAway, redisRefuses, redisUnreachable } from './redis.errors.js'

/** How long a connection may take, in ms. */
const CONNECT_TIMEOUT_MS = 5_000
/** A connection that says nothing for this long, though it is asked each second, is given up, in ms. */
const SILENCE_MS = 3_000
const PING_MS = 1_000
/** How long an answer may take, in ms: above the time in which a dead connection is found. */
const ANSWER_TIMEOUT_MS = 5_000
/** The longest pause between tries to connect anew, in ms. */
const RECONNECT_MS = 500

/** A client of the library, as we make it. */
type Client = ReturnType<typeof newClient>

/** The two connections of a process to Redis: one for commands, one that hears of what others wrote. */
export class RedisLink {
  readonly #commands: Client
  readonly #hearing: Client
  readonly #onUp = new Set<() => void>()
  readonly #onDown = new Set<() => void>()
  /** Gives up each answer that is waited for. */
  readonly #waiting = new Set<() => void>()
  /** Channels that are being left: the library takes a new listener of one for an old one, and drops both. */
  readonly #leaving = new Map<string, Promise<void>>()
  /** What the last try of the first connections ended with; null once they are there. */
  #startFault: unknown = new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)
  #isAway = false
  #isClosed = false
  #prefix = ''

  constructor(
    uri: string,
    private readonly logger: Logger,
  ) {
    this.#commands = newClient(uri)
    this.#hearing = newClient(uri)
    for (const client of [this.#commands, this.#hearing]) {
      client.on('error', (err: unknown) => this.#away(err))
      client.on('ready', () => this.#back())
    }
  }

  /** What every key and channel of this installation begins with. */
  get prefix(): string {
    return this.#prefix
  }

  /** Whether both connections are there. */
  get isUp(): boolean {
    return this.#commands.isReady && this.#hearing.isReady
  }

  /** Called whenever both connections are there again: what was told meanwhile was not heard. */
  onUp(callback: () => void): void {
    this.#onUp.add(callback)
  }

  /** Called when one of them is lost and both were there. */
  onDown(callback: () => void): void {
    this.#onDown.add(callback)
  }

  /** @throws AppError `start_refused` when Redis cannot be reached or refuses. */
  async open(prefix: string): Promise<void> {
    this.#prefix = prefix
    try {
      await withDeadline(Promise.all([this.#commands.connect(), this.#hearing.connect()]))
      this.#startFault = null
    } catch {
      this.close()
      const { message } = describeError(this.#startFault)
      throw this.#startFault instanceof ErrorReply ? redisRefuses(message) : redisUnreachable(message)
    }
  }

  /**
   * Sends one command. @throws RedisAway when there is no connection, it breaks, or no answer comes in time; what Redis
   * answers as an error.
   */
  async send<Reply>(...command: string[]): Promise<Reply> {
    if (!this.#commands.isReady) throw new RedisAway()
    return this.#inTime(this.#commands.sendCommand<Reply>(command))
  }

  /** Hears what is published on a channel until `unsubscribe`. Also across lost connections. */
  async subscribe(channel: string, heard: (message: string) => void): Promise<void> {
    await this.#leaving.get(channel)
    if (!this.#hearing.isReady) throw new RedisAway()
    await this.#inTime(this.#hearing.subscribe(channel, heard))
  }

  /** Hears nothing more of a channel. Never rejects. */
  async unsubscribe(channel: string): Promise<void> {
    const leaving = (async () => this.#hearing.unsubscribe(channel))()
      .catch(() => undefined) // a connection that is lost hears nothing anyway
      .finally(() => this.#leaving.delete(channel))
    this.#leaving.set(channel, leaving)
    await leaving
  }

  /** Whether Redis answers. */
  async answers(): Promise<boolean> {
    try {
      await this.send('PING')
      return this.isUp
    } catch {
      return false
    }
  }

  /** Ends both connections at once. */
  close(): void {
    this.#isClosed = true
    for (const giveUp of this.#waiting) giveUp()
    for (const client of [this.#commands, this.#hearing]) if (client.isOpen) client.destroy()
  }

  /** The library does not settle each answer that a lost connection was to bring. */
  #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer)
        this.#waiting.delete(giveUp)
        reject(new RedisAway())
      }
      const timer = setTimeout(giveUp, ANSWER_TIMEOUT_MS)
      this.#waiting.add(giveUp)
      void answer.then(resolve, reject).finally(giveUp)
    })
  }

  #away(err: unknown): void {
    for (const giveUp of this.#waiting) giveUp()
    if (this.#isAway || this.#isClosed) return
    if (this.#startFault !== null) {
      this.#startFault = err
      return
    }
    this.#isAway = true
    this.logger.warn({ err }, 'Redis is away: live events of other processes wait until it is back')
    for (const callback of this.#onDown) callback()
  }

  #back(): void {
    if (!this.isUp) return
    if (this.#isAway) this.logger.info({}, 'Redis is back')
    this.#isAway = false
    for (const callback of this.#onUp) callback()
  }
}

function newClient(uri: string) {
  return createClient({
    url: uri,
    name: 'signalbox',
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), RECONNECT_MS),
    },
  })
}

/** The library tries for ever, and tells of each try as an event alone. */
async function withDeadline(connecting: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the time of a start is over')), CONNECT_TIMEOUT_MS)
  })
  try {
    await Promise.race([connecting, late])
  } finally {
    clearTimeout(timer)
  }
}
