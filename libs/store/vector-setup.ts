import { lockMigrations, type Transaction, type UnitOfWork } from '#database'
import { describeError, type Logger } from '#kernel'
import { StoreVectorsRepository } from './store-vectors.repository.js'
import { vectorsMissing, vectorsRefused } from './store.errors.js'

/** What setting up needs. */
export interface VectorSetup {
  readonly unitOfWork: UnitOfWork
  readonly logger: Logger
  /** The length of the vectors, as configured. */
  readonly dims: number
  readonly vectors?: StoreVectorsRepository
}

/**
 * Makes ready what `store.index` needs of the database, under the lock of the migrations: of two that find no table, the
 * second would drop what the first has filled.
 * @throws AppError `start_refused` when the database has no vectors.
 */
export async function setUpVectors({ unitOfWork, logger, dims, vectors }: VectorSetup): Promise<void> {
  const repository = vectors ?? new StoreVectorsRepository()
  const before = await unitOfWork.run(async (tx) => {
    await lockMigrations(tx)
    await enable(tx, repository)
    const found = await repository.dims(tx)
    if (found !== dims) await repository.create(tx, dims)
    return found
  })
  if (before !== null && before !== dims) logger.warn({ before, now: dims }, DIMS_CHANGED)
}

async function enable(tx: Transaction, vectors: StoreVectorsRepository): Promise<void> {
  if (!(await vectors.isAvailable(tx))) throw vectorsMissing()
  try {
    await vectors.enable(tx)
  } catch (error) {
    throw vectorsRefused(describeError(error).message)
  }
}

const DIMS_CHANGED =
  'store.index.dims has changed: the vectors of all items are dropped, and each item is found by its meaning again once it is put anew'
