export { Database } from './database.js'
export type { Queryable, QueryResult } from './queryable.js'
export { Transaction } from './transaction.js'
export { UnitOfWork } from './unit-of-work.js'
