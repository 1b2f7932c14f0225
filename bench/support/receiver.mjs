// A receiver of webhooks in a process of its own: answers 200, and tells its parent when it has got what it was to
// expect (`{expect}` → `{seconds, requests}`), or how old each run's end was when its webhook was in
// (`{latencies: n}` → `{latencies: [ms, …]}`); with a `path`, of the requests for that alone.
import { createServer } from 'node:http'

let task = null

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const receivedAt = Date.now()
    response.end()
    if (task?.path === undefined || task.path === request.url) note(chunks, receivedAt)
  })
})

function note(chunks, receivedAt) {
  if (task === null) return
  task.firstAt ??= performance.now()
  task.requests += 1
  if (task.latencies) {
    const run = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    task.latencies.push(receivedAt - Date.parse(run.run_ended_at))
  }
  if (task.requests >= task.expected) finish()
}

function finish() {
  const { requests, firstAt, latencies } = task
  task = null
  process.send({ requests, seconds: (performance.now() - firstAt) / 1000, latencies })
}

process.on('message', ({ expect, latencies, path }) => {
  task = { path, expected: expect ?? latencies, requests: 0, firstAt: null, latencies: latencies ? [] : undefined }
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
