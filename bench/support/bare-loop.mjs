// The physical limit: the same client library posting the same bytes over kept-alive connections, and nothing else.
//   node bare-loop.mjs URL COUNT CONCURRENCY BODY_BYTES
import { Agent } from 'node:http'
import axios from 'axios'

const [url, count, concurrency, bodyBytes] = process.argv.slice(2)
const httpAgent = new Agent({ keepAlive: true })
const body = Buffer.from(JSON.stringify({ filling: 'x'.repeat(Number(bodyBytes)) }))
let left = Number(count)

async function postUntilDone() {
  while (left > 0) {
    left -= 1
    await axios.post(url, body, {
      httpAgent,
      headers: { 'content-type': 'application/json' },
      proxy: false,
      maxRedirects: 0,
      responseType: 'arraybuffer',
    })
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, postUntilDone))
httpAgent.destroy()
