import type { FastifyRequest } from 'fastify'
import { headersTooLarge, hostMissing } from './edge.errors.js'

/** Headers of a request; one with more is refused. */
export const MAX_HEADERS = 200

/** Judges what the HTTP parser lets through. @throws AppError `headers_too_large`, `host_missing`. */
export function judgeHead({ raw }: FastifyRequest): void {
  if (raw.rawHeaders.length > MAX_HEADERS * 2) throw headersTooLarge()
  if (raw.headers.host === undefined && raw.httpVersion === '1.1') throw hostMissing()
}
