import { Injectable } from '@nestjs/common'
import type { PoolClient } from 'pg'
import { DataSource } from 'typeorm'
import { isDatabaseAway } from './database.errors.js'
import { Transaction } from './transaction.js'

/** Opens transactions. */
@Injectable()
export class UnitOfWork {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. Inside, only `tx` may be
   * used: no pool, no checkpointer, no network, no user code.
   * @throws what `work` throws; AppError `database_away`, and then the commit may have been stored all the same.
   */
  async run<Result>(work: (tx: Transaction) => Promise<Result> | Result): Promise<Result> {
    const runner = this.dataSource.createQueryRunner()
    try {
      return await inTransaction((await runner.connect()) as PoolClient, work)
    } finally {
      await runner.release()
    }
  }
}

async function inTransaction<Result>(
  client: PoolClient,
  work: (tx: Transaction) => Promise<Result> | Result,
): Promise<Result> {
  const tx = new Transaction(client)
  try {
    tx.send('START TRANSACTION')
    const result = await work(tx)
    await tx.commit()
    return result
  } catch (error) {
    await rollback(client, error)
    throw error
  }
}

/** Rolls back; when the connection is gone too, both causes are told. */
async function rollback(client: PoolClient, cause: unknown): Promise<void> {
  try {
    await client.query('ROLLBACK')
  } catch (error) {
    // The connection is lost, and the transaction with it.
    if (isDatabaseAway(cause)) throw cause
    throw new AggregateError([cause, error], 'the transaction failed and could not be rolled back')
  }
}
