import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { requestIdOf } from './request-id.js'

/** Answers an `Expect` that the server does not know: Node tells it apart, before there is a reply. */
export function answerBadExpectation({ headers }: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify({ detail: STATUS_CODES[417] })
  response.writeHead(417, {
    'content-length': body.length,
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': requestIdOf(headers['x-request-id']),
    connection: 'close',
  })
  response.end(body)
}
