import { parentPort, workerData } from 'node:worker_threads'
import type { StaticRequest } from './static-graph.js'
import { readStaticGraphs } from './static-project.js'

/* A thread of its own: the compiler works for seconds without giving the event loop a turn. */
for (const answer of readStaticGraphs(workerData as StaticRequest)) parentPort?.postMessage(answer)
