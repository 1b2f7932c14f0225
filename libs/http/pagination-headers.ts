import type { Page } from './page.dto.js'

/** What of a Fastify reply is needed to set headers. */
export interface ReplyHeaders {
  header(name: string, value: string): unknown
}

/** Sets the headers of a search (contract 1.12): the true total, and the next offset only when a row is left. */
export function setPaginationHeaders(reply: ReplyHeaders, page: Page, total: number): void {
  const next = page.offset + page.limit
  reply.header('X-Pagination-Total', String(total))
  if (next < total) reply.header('X-Pagination-Next', String(next))
}
