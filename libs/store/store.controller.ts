import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query, Res } from '@nestjs/common'
import type { QueryValue, ReplyHeaders } from '#http'
import { pageOf, parseBooleanQuery } from '#http'
import { invalidRequest } from '#kernel'
import { DeleteItemDto } from './dto/delete-item.dto.js'
import { ListNamespacesDto } from './dto/list-namespaces.dto.js'
import { PutItemDto } from './dto/put-item.dto.js'
import { SearchItemsDto } from './dto/search-items.dto.js'
import { StoreCalls } from './store-calls.js'
import { toWireFoundItem, toWireItem, type WireFoundItem, type WireItem } from './wire-item.js'

const DEFAULT_NAMESPACES = 100

/** `/store` (contract section 9). */
@Controller('store')
export class StoreController {
  constructor(private readonly store: StoreCalls) {}

  @Put('items')
  @HttpCode(204)
  async put(@Body() { namespace, key, value, index, ttl }: PutItemDto): Promise<void> {
    const put = { namespace: namespace ?? [], key, value, index: index ?? undefined, ttlMinutes: ttl ?? undefined }
    await this.store.put(put)
  }

  /** A missing item is a 200 with `null`: an empty body would make the JS client fail. */
  @Get('items')
  async get(
    @Query('namespace') namespace: QueryValue,
    @Query('key') key: QueryValue,
    @Query('refresh_ttl') refreshTtl: QueryValue,
    @Res({ passthrough: true }) reply: ReplyHeaders,
  ): Promise<WireItem | 'null'> {
    const ref = { namespace: labelsOf(namespace), key: keyOf(key) }
    const item = await this.store.get(ref, parseBooleanQuery(refreshTtl, 'refresh_ttl'))
    if (item) return toWireItem(item)
    reply.header('content-type', 'application/json; charset=utf-8')
    return 'null'
  }

  @Delete('items')
  @HttpCode(204)
  async delete(@Body() { namespace, key }: DeleteItemDto): Promise<void> {
    await this.store.delete({ namespace: namespace ?? [], key })
  }

  @Post('items/search')
  @HttpCode(200)
  async search(@Body() body: SearchItemsDto): Promise<{ items: WireFoundItem[] }> {
    const query = body.query || null
    const search = { namespacePrefix: body.namespace_prefix ?? [], filter: body.filter ?? {}, query, ...pageOf(body) }
    const items = await this.store.search(search, body.refresh_ttl ?? undefined)
    return { items: items.map((item) => toWireFoundItem(item, query !== null)) }
  }

  @Post('namespaces')
  @HttpCode(200)
  async namespaces(@Body() body: ListNamespacesDto): Promise<{ namespaces: string[][] }> {
    const { limit, offset } = pageOf({ limit: body.limit ?? DEFAULT_NAMESPACES, offset: body.offset })
    const search = { prefix: body.prefix ?? [], suffix: body.suffix ?? [], maxDepth: body.max_depth ?? null }
    return { namespaces: await this.store.listNamespaces({ ...search, limit, offset }) }
  }
}

/** Labels with dots between, in one parameter or in several; absent or empty is the empty namespace. */
function labelsOf(namespace: QueryValue): string[] {
  const texts = namespace === undefined ? [] : [namespace].flat()
  const joined = texts.join('.')
  return joined === '' ? [] : joined.split('.')
}

function keyOf(key: QueryValue): string {
  const given = [key].flat().at(-1)
  if (given === undefined) throw invalidRequest('key: must be a string')
  return given
}
