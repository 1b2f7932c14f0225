import type { FastifyRequest } from 'fastify'
import { headersTooLarge, hostMissing, hostRepeated } from './edge.errors.js'

/** Headers of a request; one with more is refused. */
export const MAX_HEADERS = 200

/** Judges what the HTTP parser lets through. @throws AppError `headers_too_large`, `host_missing`, `host_repeated`. */
export function judgeHead({ raw }: FastifyRequest): void {
  if (raw.rawHeaders.length > MAX_HEADERS * 2) throw headersTooLarge()
  if (raw.headers.host === undefined && raw.httpVersion === '1.1') throw hostMissing()
  // Of several, Node shows the first.
  if (raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length > 1)
    throw hostRepeated()
}
