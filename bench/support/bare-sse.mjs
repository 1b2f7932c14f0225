// The physical limit of streams: an HTTP server that writes the events of the ticker graph by itself.
//   node bare-sse.mjs PORT
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function answer(request, response) {
  if (request.method === 'POST') await writeEvents((await json(request)).input, response)
  response.end()
}

/** @param {{ count: number, everyMs: number }} input @param {import('node:http').ServerResponse} response */
async function writeEvents({ count, everyMs }, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const from = Date.now()
  for (let n = 0; n < count; n += 1) {
    const due = from + n * everyMs
    await sleep(Math.max(0, due - Date.now()))
    response.write(`event: custom\ndata: ${JSON.stringify({ n, due, at: Date.now() })}\n\n`)
  }
}

createServer((request, response) => void answer(request, response)).listen(Number(process.argv[2]), '127.0.0.1')
