// The physical limit of a run: `graph.invoke` and a checkpointer, and nothing else. Lives in the project's folder, so
// that its LangGraph is the one that Signalbox runs with; takes orders from its parent.
//   node invoke.mjs none|memory|embedded|postgres [URI or data folder] [path of the packed database room]
import { randomUUID } from 'node:crypto'
import { MemorySaver } from '@langchain/langgraph'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import pg from 'pg'

const POOL = 10
const [kind, place, room] = process.argv.slice(2)

/** The checkpointer of this kind; none for `none`. */
async function openSaver() {
  if (kind === 'none') return undefined
  if (kind === 'memory') return new MemorySaver()
  const pool = kind === 'postgres' ? new pg.Pool({ connectionString: place, max: POOL }) : await openEmbedded()
  const saver = new PostgresSaver(pool)
  await saver.setup()
  return saver
}

/** The same embedded database that Signalbox opens. */
async function openEmbedded() {
  const { openPool } = await import(room)
  return openPool({ kind: 'embedded', dir: place }, silent())
}

function silent() {
  const logger = new Proxy({}, { get: (_, name) => (name === 'child' ? () => logger : () => {}) })
  return logger
}

const saver = await openSaver()
const graphs = new Map()

/** A graph of the project, compiled with the checkpointer. */
async function compiled(name) {
  if (!graphs.has(name)) {
    const { builder } = await import(`../graphs/${name}.mjs`)
    graphs.set(name, builder.compile({ checkpointer: saver }))
  }
  return graphs.get(name)
}

/** `count` invocations by so many callers, each on a thread of its own; resolves to what each took and all. */
async function invoke({ graph: name, input, count, concurrency, durability }) {
  const graph = await compiled(name)
  const latencies = []
  let left = count
  const caller = async () => {
    while (left > 0) {
      left -= 1
      const from = performance.now()
      const config = { configurable: { thread_id: randomUUID() }, recursionLimit: 10_000 }
      await graph.invoke(input, durability ? { ...config, durability } : config)
      latencies.push(performance.now() - from)
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: concurrency }, caller))
  return { latencies, seconds: (performance.now() - from) / 1000 }
}

/** Streams of the graph, all at once, each read to its end; resolves to what `custom` parts came, and how late. */
async function stream({ graph: name, input, streams }) {
  const graph = await compiled(name)
  const delays = []
  const lates = []
  const one = async () => {
    const config = { configurable: { thread_id: randomUUID() }, streamMode: 'custom' }
    for await (const { due, at } of await graph.stream(input, config)) {
      delays.push(Date.now() - at)
      lates.push(Date.now() - due)
    }
  }
  const from = performance.now()
  await Promise.all(Array.from({ length: streams }, one))
  return { delays, lates, seconds: (performance.now() - from) / 1000 }
}

/** Obeys one order; its failure is the parent's to tell. */
async function obey(order) {
  try {
    process.send({ done: await (order.streams ? stream(order) : invoke(order)) })
  } catch (error) {
    process.send({ failed: String(error?.stack ?? error) })
  }
}

process.on('message', (order) => void obey(order))
process.on('disconnect', () => process.exit())
process.send({ ready: true })
