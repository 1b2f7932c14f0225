import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'

/** The one row of `installation`: who the processes on this database are together. */
@Injectable()
export class InstallationRepository {
  /** The same for every process on the database; null where the migrations have not made it. */
  async id(q: Queryable): Promise<string | null> {
    const { rows } = await q.query<{ id: string }>('SELECT id FROM installation')
    return rows[0]?.id ?? null
  }
}
