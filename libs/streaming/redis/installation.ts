import { Injectable } from '@nestjs/common'
import { Database } from '#database'

/** Who the processes on this database are together. */
@Injectable()
export class Installation {
  constructor(private readonly database: Database) {}

  /** The same for every process on this database. */
  async id(): Promise<string> {
    const { rows } = await this.database.query<{ id: string }>('SELECT id FROM installation')
    const id = rows[0]?.id
    if (id === undefined) throw new Error('the table installation is empty')
    return id
  }
}
