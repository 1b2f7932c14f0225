// From the start of a process to its first answer, on an empty database or folder and on one that was used before.
import { setTimeout as sleep } from 'node:timers/promises'
import { freshProject, startDevServer } from '../contestants/dev-server.mjs'
import { LABELS, SERVERS } from '../contestants/index.mjs'
import { freshDatabase, startSignalbox } from '../contestants/signalbox.mjs'

/** How long a started server is left alone before its memory is read. */
const SETTLE_MS = 1_500

/** @type {import('../section.mjs').SectionPlan} */
export const starts = {
  id: 'starts',
  title: 'Start',
  about:
    'From the start of the process to its first answer of `/ok`: on a new folder or database, then again on the same.',
  rows: [
    { id: 'first', label: 'first start', unit: 's', digits: 2 },
    { id: 'warm', label: 'start again', unit: 's', digits: 2 },
    { id: 'rss', label: 'memory (RSS) of all its processes, idle', unit: 'MiB', digits: 0 },
  ],
  columns: LABELS,
  run: async (section) => {
    const contestants = SERVERS.map((id) => ({ id }))
    await section.inTurns(contestants, section.scale.starts, ({ id }) => measureStarts(section, id))
  },
}

async function measureStarts(section, id) {
  const place = await placeFor(section, id)
  try {
    section.record('first', id, (await startAndStop(place)) / 1000)
    const warm = await startAndStop(place, (server) => section.record('rss', id, server.rssMiB()))
    section.record('warm', id, warm / 1000)
  } finally {
    await place.remove()
  }
}

async function placeFor({ workbench }, id) {
  if (id === 'reference') {
    const project = freshProject(workbench)
    return { start: () => startDevServer(workbench, project), remove: () => {} }
  }
  const database = await freshDatabase(id)
  return { start: () => startSignalbox(workbench, database), remove: database.remove }
}

/** Resolves to how long the start took, in ms. */
async function startAndStop(place, look = () => {}) {
  const server = await place.start()
  try {
    await sleep(SETTLE_MS)
    look(server)
    return server.startMs
  } finally {
    await server.stop()
  }
}
