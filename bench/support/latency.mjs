// Run ended → webhook received: one idle run after the other, then many at once.
import { startServer } from './processes.mjs'

const WARM_UP = 10
/** Runs under way at once under load. */
const LOAD = 32

/** Prints median, p90 and p99 of both. */
export async function measureLatency(database, receiver, { runs }) {
  const server = await startServer(database.dir, database.environment)
  console.log(
    `\n${database.name}: run ended → webhook received, in ms (start to ready ${Math.round(server.startMs)} ms)\n`,
  )
  console.log('| | median | p90 | p99 |\n|---|---|---|---|')
  await idle(server, receiver, WARM_UP)
  row(`idle, ${runs} runs`, await idle(server, receiver, runs))
  row(`${LOAD} clients, ${runs * 5} runs`, await loaded(server, receiver, runs * 5))
  await server.stop()
}

async function idle(server, receiver, runs) {
  const latencies = []
  for (let run = 0; run < runs; run += 1) {
    const told = receiver.latencies(1)
    await oneRun(server, receiver)
    latencies.push(...(await told).latencies)
  }
  return latencies
}

async function loaded(server, receiver, runs) {
  const told = receiver.latencies(runs)
  let left = runs
  const client = async () => {
    while (left > 0) {
      left -= 1
      await oneRun(server, receiver)
    }
  }
  await Promise.all(Array.from({ length: LOAD }, client))
  return (await told).latencies
}

async function oneRun(server, receiver) {
  const { thread_id: threadId } = await post(`${server.url}/threads`, {})
  await post(`${server.url}/threads/${threadId}/runs/wait`, {
    assistant_id: 'agent',
    input: { messages: [{ role: 'user', content: 'Hello!' }] },
    webhook: receiver.url(),
  })
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

function row(name, values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1)
  console.log(`| ${name} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} |`)
}
