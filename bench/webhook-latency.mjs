// Run ended → webhook received, one idle run after the other, on the built server.
//   node bench/webhook-latency.mjs [runs]          embedded database
//   DATABASE_URI=postgres://… node bench/webhook-latency.mjs [runs]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const RUNS = Number(process.argv[2] ?? 100)
const WARM_UP = 10
const ROOT = resolve(import.meta.dirname, '..')

async function receive(request, response, waiting) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const receivedAt = Date.now()
  response.end()
  const run = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  waiting.get(new URL(request.url, 'http://x').searchParams.get('n'))?.(receivedAt - Date.parse(run.run_ended_at))
}

/** A receiver that keeps, per run, when its webhook was in, and tells who waits for it. */
async function startReceiver() {
  const waiting = new Map()
  const server = createServer((request, response) => void receive(request, response, waiting))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = (n) => `http://127.0.0.1:${server.address().port}/hook?n=${n}`
  const latency = (n) => new Promise((done) => waiting.set(String(n), done))
  return { url, latency, close: () => server.close() }
}

async function startServer(dataDir) {
  const command = join(ROOT, 'dist/apps/cli/main.js')
  const options = ['start', '--config', join(ROOT, 'langgraph.json'), '--port', '0', '--data-dir', dataDir]
  const startedAt = performance.now()
  const child = spawn(process.execPath, [command, ...options], {
    env: { ...process.env, SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface(child.stdout)) {
    const url = /ready on (http:\/\/[^"\s]+)/.exec(line)?.[1]
    if (url) return { child, url, startMs: performance.now() - startedAt }
  }
  throw new Error('the server did not start')
}

async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.json()
}

async function oneRun(server, receiver, n) {
  const { thread_id: threadId } = await post(`${server.url}/threads`, {})
  const latency = receiver.latency(n)
  const startedAt = performance.now()
  await post(`${server.url}/threads/${threadId}/runs/wait`, {
    assistant_id: 'agent',
    input: { messages: [{ role: 'user', content: 'Hello!' }] },
    webhook: receiver.url(n),
  })
  return { waitMs: performance.now() - startedAt, webhookMs: await latency }
}

function row(name, values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1)
  return `| ${name} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} |`
}

const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
const receiver = await startReceiver()
const server = await startServer(dataDir)
const results = []
for (let n = 0; n < RUNS + WARM_UP; n += 1) results.push(await oneRun(server, receiver, n))
const measured = results.slice(WARM_UP)
const database = process.env.DATABASE_URI ? 'PostgreSQL' : 'embedded'
console.log(
  `${RUNS} idle runs after ${WARM_UP} warm-up runs, ${database}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}`,
)
console.log(`start to ready: ${Math.round(server.startMs)} ms\n`)
console.log('| ms | median | p90 | p99 |\n|---|---|---|---|')
console.log(
  row(
    'run ended → webhook received',
    measured.map((result) => result.webhookMs),
  ),
)
console.log(
  row(
    'POST …/runs/wait of the two-node chat graph',
    measured.map((result) => result.waitMs),
  ),
)
server.child.kill('SIGTERM')
await once(server.child, 'exit')
receiver.close()
rmSync(dataDir, { recursive: true, force: true })
