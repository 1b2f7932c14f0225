import { Injectable } from '@nestjs/common'
import type { PoolClient } from 'pg'
import { DataSource } from 'typeorm'
import type { Queryable, QueryResult } from './queryable.js'
import { runStatement } from './statement.js'

/** The database outside any transaction: every statement commits by itself. */
@Injectable()
export class Database implements Queryable {
  constructor(private readonly dataSource: DataSource) {}

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    const runner = this.dataSource.createQueryRunner()
    try {
      return await runStatement<Row>((await runner.connect()) as PoolClient, sql, parameters)
    } finally {
      await runner.release()
    }
  }
}
