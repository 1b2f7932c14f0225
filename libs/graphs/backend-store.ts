import {
  BaseStore,
  type GetOperation,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchOperation,
} from '@langchain/langgraph'
import type { FoundItem, ItemPut, ItemSearch, NamespaceSearch, StoreBackend } from './store-backend.js'

const DEFAULT_LIMIT = 10

/**
 * LangGraph's view of the store. As in LangGraph's own stores the reads of a batch see what was there before its
 * writes. All its gets are one call of the backend, and so are all its puts.
 */
export class BackendStore extends BaseStore {
  readonly #backend: StoreBackend

  constructor(backend: StoreBackend) {
    super()
    this.#backend = backend
  }

  override async batch<Ops extends Operation[]>(operations: Ops): Promise<OperationResults<Ops>> {
    const results: unknown[] = operations.map(() => undefined)
    await this.#get(operations, results)
    for (const [place, operation] of operations.entries()) {
      if (isSearch(operation)) results[place] = (await this.#backend.search(toItemSearch(operation))).map(toSearchItem)
      else if (isList(operation)) results[place] = await this.#backend.listNamespaces(toNamespaceSearch(operation))
    }
    const puts = operations.filter(isPut).map(toItemPut)
    if (puts.length > 0) await this.#backend.put(puts)
    return results as OperationResults<Ops>
  }

  async #get(operations: readonly Operation[], results: unknown[]): Promise<void> {
    const places = [...operations.keys()].filter((place) => isGet(operations[place]!))
    if (places.length === 0) return
    const items = await this.#backend.get(places.map((place) => operations[place] as GetOperation))
    places.forEach((place, index) => (results[place] = items[index]))
  }
}

function isPut(operation: Operation): operation is PutOperation {
  return 'value' in operation
}

function isGet(operation: Operation): operation is GetOperation {
  return 'key' in operation && !isPut(operation)
}

function isSearch(operation: Operation): operation is SearchOperation {
  return 'namespacePrefix' in operation
}

function isList(operation: Operation): operation is ListNamespacesOperation {
  return !('key' in operation) && !isSearch(operation)
}

function toItemPut({ namespace, key, value, index }: PutOperation): ItemPut {
  return { namespace, key, value, index }
}

function toItemSearch({ namespacePrefix, filter, query, limit, offset }: SearchOperation): ItemSearch {
  return {
    namespacePrefix,
    filter: filter ?? {},
    query: query ?? null,
    limit: limit ?? DEFAULT_LIMIT,
    offset: offset ?? 0,
  }
}

function toNamespaceSearch({ matchConditions, maxDepth, limit, offset }: ListNamespacesOperation): NamespaceSearch {
  const pathOf = (type: string) => matchConditions?.find(({ matchType }) => matchType === type)?.path ?? []
  return { prefix: pathOf('prefix'), suffix: pathOf('suffix'), maxDepth: maxDepth ?? null, limit, offset }
}

/** LangGraph leaves a missing score out. */
function toSearchItem({ score, ...item }: FoundItem): object {
  return score === null ? item : { ...item, score }
}
