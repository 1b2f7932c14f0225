import { Injectable } from '@nestjs/common'
import { DataSource } from 'typeorm'
import { isDatabaseAway } from './database.errors.js'
import { unwrapped } from './statement.js'
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
  async run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const runner = this.dataSource.createQueryRunner()
    const tx = new Transaction(runner)
    try {
      await runner.startTransaction()
      const result = await work(tx)
      await runner.commitTransaction()
      tx.committed()
      return result
    } catch (thrown) {
      const error = unwrapped(thrown)
      if (runner.isTransactionActive) await rollback(runner, error)
      throw error
    } finally {
      await runner.release()
    }
  }
}

/** Rolls back; when the connection is gone too, both causes are told. */
async function rollback(runner: { rollbackTransaction(): Promise<void> }, cause: unknown): Promise<void> {
  try {
    await runner.rollbackTransaction()
  } catch (error) {
    // The connection is lost, and the transaction with it.
    if (isDatabaseAway(cause)) throw cause
    throw new AggregateError([cause, error], 'the transaction failed and could not be rolled back')
  }
}
