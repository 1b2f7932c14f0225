import { freshDatabase, TEST_REDIS, type TestDatabaseSettings } from '#testing'
import { Balancer } from './balancer.js'
import type { Role } from './cluster.js'
import { FaultyWire } from './faulty-wire.js'
import { ServerProcess } from './server-process.js'

/** How often a process is started that cannot start. */
const START_TRIES = 10

/** Who is in a fleet, and how they are started. */
export interface FleetOptions {
  readonly roles: readonly Role[]
  readonly config: string
  readonly environment: Record<string, string>
}

/** One place of a deployment: a process, which is started anew when it was killed, and its own ways to the servers. */
export class FleetMember {
  #process: ServerProcess | null = null

  private constructor(
    readonly name: string,
    readonly role: Role,
    readonly postgres: FaultyWire,
    readonly redis: FaultyWire,
    private readonly options: FleetOptions,
  ) {}

  static async make(name: string, role: Role, database: string, options: FleetOptions): Promise<FleetMember> {
    const [postgres, redis] = await Promise.all([FaultyWire.start(database), FaultyWire.start(TEST_REDIS ?? '')])
    return new FleetMember(name, role, postgres, redis, options)
  }

  /** Null while it is down. */
  get process(): ServerProcess | null {
    return this.#process
  }

  /** Starts it. @throws Error when it cannot start however often it is tried. */
  async start(): Promise<void> {
    for (let left = START_TRIES; ; left -= 1) {
      try {
        this.#process = await this.#start()
        return
      } catch (error) {
        if (left <= 1) throw error
      }
    }
  }

  /** Ends it by a signal; resolves with its exit code. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const ending = this.#process
    this.#process = null
    if (signal === 'SIGTERM') return (await ending?.stop()) ?? null
    await ending?.kill()
    return null
  }

  async close(): Promise<void> {
    await this.end('SIGKILL')
    await Promise.all([this.postgres.close(), this.redis.close()])
  }

  #start(): Promise<ServerProcess> {
    const { config, environment } = this.options
    const ways = { DATABASE_URI: this.postgres.url, REDIS_URI: this.redis.url }
    return ServerProcess.start({ config, environment: { ...environment, ...ways, SIGNALBOX_ROLE: this.role } })
  }
}

/** A deployment behind a balancer, each process with ways of its own to PostgreSQL and Redis. */
export class Fleet {
  private constructor(
    readonly database: TestDatabaseSettings,
    readonly balancer: Balancer,
    readonly members: FleetMember[],
    private readonly options: FleetOptions,
  ) {}

  static async start(options: FleetOptions): Promise<Fleet> {
    const database = await freshDatabase()
    const balancer = await Balancer.start()
    const fleet = new Fleet(database, balancer, [], options)
    try {
      for (const role of options.roles) await fleet.#make(role)
      await Promise.all(fleet.members.map((member) => member.start()))
      fleet.balance()
    } catch (error) {
      await fleet.close()
      throw error
    }
    return fleet
  }

  /** Starts one more. */
  async join(role: Role): Promise<FleetMember> {
    const member = await this.#make(role)
    await member.start()
    this.balance()
    return member
  }

  /** Sends requests to those that are up. */
  balance(except: FleetMember | null = null): void {
    const ready = this.members.filter((member) => member !== except && member.role !== 'worker' && member.process)
    this.balancer.send(ready.map(({ process }) => process?.url ?? ''))
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()))
    await this.balancer.close()
    await this.database.remove()
  }

  async #make(role: Role): Promise<FleetMember> {
    const { settings } = this.database
    if (settings.kind !== 'postgres') throw new Error('this needs PostgreSQL')
    const member = await FleetMember.make(`${role}${this.members.length}`, role, settings.uri, this.options)
    this.members.push(member)
    return member
  }
}
