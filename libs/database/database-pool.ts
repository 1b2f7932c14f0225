import type { Pool } from 'pg'

/** The one pool of the process, under TypeORM and the checkpointer alike. Also the injection token. */
export abstract class DatabasePool {
  abstract readonly pool: Pool
}
