import { Injectable } from '@nestjs/common'
import { Authorization } from '#auth'
import type { FoundItem, ItemPut, ItemRef, ItemSearch, NamespaceSearch, RefreshTtl, StoreItem } from '#graphs'
import { invalidRequest, isJsonObject, type JsonObject } from '#kernel'
import { StoreService } from './store.service.js'

/**
 * What clients ask of the store: a handler is asked first, and may move a call to another namespace, a user's own for
 * example (contract 1.7). Nodes use the store without being asked.
 */
@Injectable()
export class StoreCalls {
  constructor(
    private readonly authorization: Authorization,
    private readonly store: StoreService,
  ) {}

  /** Null where there is no such item. */
  async get({ namespace, key }: ItemRef, refreshTtl?: RefreshTtl): Promise<StoreItem | null> {
    const value: JsonObject = { namespace: [...namespace], key }
    await this.authorization.askWithoutFilter('store:get', value)
    const [item] = await this.store.get([refIn(value)], refreshTtl)
    return item ?? null
  }

  async put(put: ItemPut): Promise<void> {
    const value: JsonObject = { namespace: [...put.namespace], key: put.key, value: put.value }
    await this.authorization.askWithoutFilter('store:put', value)
    if (!isJsonObject(value['value'])) throw invalidRequest('value: must be an object')
    await this.store.put([{ ...put, ...refIn(value), value: value['value'] }])
  }

  async delete({ namespace, key }: ItemRef): Promise<void> {
    const value: JsonObject = { namespace: [...namespace], key }
    await this.authorization.askWithoutFilter('store:delete', value)
    await this.store.put([{ ...refIn(value), value: null }])
  }

  async search(search: ItemSearch, refreshTtl?: RefreshTtl): Promise<FoundItem[]> {
    const { namespacePrefix, filter, limit, offset, query } = search
    const value: JsonObject = { namespace: [...namespacePrefix], filter: { ...filter }, limit, offset, query }
    await this.authorization.askWithoutFilter('store:search', value)
    const wanted = isJsonObject(value['filter']) ? value['filter'] : filter
    return this.store.search({ ...search, namespacePrefix: labelsIn(value['namespace']), filter: wanted }, refreshTtl)
  }

  async listNamespaces(search: NamespaceSearch): Promise<string[][]> {
    const { prefix, suffix, maxDepth, limit, offset } = search
    const value: JsonObject = { namespace: [...prefix], suffix: [...suffix], max_depth: maxDepth, limit, offset }
    await this.authorization.askWithoutFilter('store:list_namespaces', value)
    return this.store.listNamespaces({
      ...search,
      prefix: labelsIn(value['namespace']),
      suffix: labelsIn(value['suffix']),
    })
  }
}

/** What a handler has left of a place. */
function refIn({ namespace, key }: JsonObject): ItemRef {
  if (typeof key !== 'string') throw invalidRequest('key: must be a string')
  return { namespace: labelsIn(namespace), key }
}

function labelsIn(namespace: unknown): string[] {
  if (namespace === null || namespace === undefined) return []
  if (Array.isArray(namespace) && namespace.every((label) => typeof label === 'string')) return namespace
  throw invalidRequest('namespace: must be a list of strings')
}
