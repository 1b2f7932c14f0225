import { pickSelected } from '#http'
import { requireUuid } from '#kernel'
import type { CountThreadsDto } from './dto/count-threads.dto.js'
import type { SearchThreadsDto } from './dto/search-threads.dto.js'
import { extractFrom, parseExtract } from './extract.js'
import type { ThreadFilter, ThreadOrder } from './thread-filter.js'
import { toWireThread, type WireThreadRow } from './thread-wire.js'
import type { Thread } from './thread.entity.js'

/** The filter in the body of a search or a count. @throws AppError `invalid_id` for one of `ids`. */
export function threadFilterOf(body: CountThreadsDto & { readonly ids?: string[] | null }): ThreadFilter {
  return {
    metadata: body.metadata ?? null,
    values: body.values && Object.keys(body.values).length > 0 ? body.values : null,
    status: body.status ?? null,
    ids: body.ids?.length ? body.ids.map((id) => requireUuid('thread', id)) : null,
  }
}

/** The order in the body of a search. */
export function orderOf(body: SearchThreadsDto): ThreadOrder {
  return { by: body.sort_by ?? 'created_at', direction: body.sort_order ?? 'desc' }
}

/** How threads become rows of the answer, by `select` and `extract`. @throws AppError `invalid_request`. */
export function threadRowsOf(body: SearchThreadsDto): (threads: readonly Thread[]) => WireThreadRow[] {
  const extractions = body.extract ? parseExtract(body.extract) : []
  return (threads) =>
    threads.map(toWireThread).map((thread) => {
      const row = pickSelected(thread, body.select)
      return extractions.length === 0 ? row : { ...row, extracted: extractFrom(thread, extractions) }
    })
}
