import type { Page } from './page.dto.js'

/** How many rows match in all, when a page that is not full tells it; null when they must be counted. */
export function totalFromPage(rows: number, { limit, offset }: Page): number | null {
  const isEndSeen = rows < limit && (rows > 0 || offset === 0)
  return isEndSeen ? offset + rows : null
}
