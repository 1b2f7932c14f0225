import { freshDatabase, TEST_DATABASE, TEST_REDIS, type TestDatabaseSettings } from '#testing'
import { ServerProcess, type ServerProcessOptions } from './server-process.js'

/** What a process of a cluster does. */
export type Role = 'all' | 'api' | 'worker'

/** Whether several processes can be tried: they need a PostgreSQL server and Redis. */
export const HAS_CLUSTERS = TEST_DATABASE === 'postgres' && TEST_REDIS !== null

/** How the processes of a cluster are started. */
export interface ClusterOptions extends Pick<ServerProcessOptions, 'config' | 'environment'> {
  /** Where Redis is reached, when not where the tests know it. */
  readonly redis?: string
}

/** Several processes on one fresh database, as they are deployed. */
export class Cluster {
  readonly #processes = new Set<ServerProcess>()

  private constructor(
    readonly database: TestDatabaseSettings,
    private readonly options: ClusterOptions,
  ) {}

  static async make(options: ClusterOptions = {}): Promise<Cluster> {
    return new Cluster(await freshDatabase(), options)
  }

  /** Starts one more process. */
  start(role: Role, environment: Record<string, string> = {}): Promise<ServerProcess> {
    return this.startAs([], { SIGNALBOX_ROLE: role, ...this.options.environment, ...environment })
  }

  /** Starts one more process by these options of the command line. */
  async startAs(args: readonly string[], environment: Record<string, string>): Promise<ServerProcess> {
    const server = await ServerProcess.start({
      ...(this.options.config ? { config: this.options.config } : {}),
      args,
      database: this.database.settings,
      environment: { REDIS_URI: this.options.redis ?? TEST_REDIS ?? '', ...environment },
    })
    this.#processes.add(server)
    return server
  }

  /** Ends what still runs and removes the database. */
  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((server) => server.kill()))
    await this.database.remove()
  }
}
