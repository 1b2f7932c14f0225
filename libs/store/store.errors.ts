import { defineError, startRefused } from '#kernel'

/** An item is put without a namespace (contract section 15). */
export const namespaceRequired = defineError({
  code: 'namespace_required',
  status: 400,
  message: () => 'Namespace is required',
})

/** A label is empty or holds the separator (contract section 15). */
export const namespaceInvalid = defineError({
  code: 'namespace_invalid',
  status: 422,
  message: (received: string) => `Namespace labels cannot be empty or contain periods. Received: ${received}`,
})

/** The user's function failed or gave something else than vectors; the log has its words, which may hold secrets. */
export const embeddingFailed = defineError({
  code: 'embedding_failed',
  status: 500,
  message: () => 'The embedding function of the store failed',
})

/** `store.index` names something that is no function. */
export const embedInvalid = (given: string) =>
  startRefused(
    `store.index.embed: the export is ${given}. It must be a function from a list of texts to a list of vectors, or an object with embedDocuments.`,
  )

/** `store.index` is configured and the database cannot hold vectors. */
export const vectorsMissing = () =>
  startRefused(
    'store.index needs the extension pgvector, which this database does not have. Install it on the PostgreSQL server that DATABASE_URI names (package postgresql-NN-pgvector), use the embedded database, or remove store.index.',
  )

/** The extension is there and could not be switched on. */
export const vectorsRefused = (reason: string) =>
  startRefused(
    `store.index needs the extension pgvector, which could not be enabled (${reason}). Run CREATE EXTENSION vector as a user who may, or remove store.index.`,
  )
