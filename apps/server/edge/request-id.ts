import { newId } from '#kernel'

const SANE = /^[A-Za-z0-9._:-]{1,128}$/

/** The caller's `x-request-id` when it is fit for logs and headers, else a new one. */
export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && SANE.test(header) ? header : newId()
}
