import { STATUS_CODES } from 'node:http'

/** The answer for a status that the server itself gives, with its reason phrase (contract 1.10). */
export function failedAnswer(status: number): Response {
  return Response.json({ detail: STATUS_CODES[status] ?? 'Error' }, { status })
}
