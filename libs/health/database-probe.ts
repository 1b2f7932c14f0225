import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Database } from '#database'
import { ReadinessProbes } from '#kernel'

/** The name of the database among the parts of `GET /health/ready`. */
export const DATABASE_PART = 'database'

/** Offers the database as a part that the process cannot serve without. */
@Injectable()
export class DatabaseProbe implements OnModuleInit {
  constructor(
    private readonly probes: ReadinessProbes,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.probes.add(DATABASE_PART, async () => {
      await this.database.query('SELECT 1')
      return null
    })
  }
}
