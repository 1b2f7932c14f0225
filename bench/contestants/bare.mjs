// Bare `graph.invoke` with each checkpointer, in a process of its own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { atEnd, guardGroup, killGroup, notAtEnd, releaseGroup } from '../support/cleanup.mjs'
import { groupCpuSeconds, groupRssMiB } from '../support/figures-of-processes.mjs'
import { freshDatabase } from './signalbox.mjs'

/** Which database each needs. */
const DATABASES = { bareEmbedded: 'embedded', barePostgres: 'postgres' }
const KINDS = { bareNone: 'none', bareMemory: 'memory', bareEmbedded: 'embedded', barePostgres: 'postgres' }

/**
 * @param {import('../support/workbench.mjs').Workbench} workbench
 * @param {keyof typeof KINDS} id
 */
export async function startBare(workbench, id) {
  const database = DATABASES[id] ? await freshDatabase(DATABASES[id]) : null
  notAtEnd()
  const child = forkScript(workbench, KINDS[id], database)
  const stop = atEnd(async () => {
    killGroup(child.pid, 'SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    releaseGroup(child.pid)
    await database?.remove()
  })
  await answer(child, 'ready')
  return {
    kind: 'bare',
    id,
    cpuSeconds: () => groupCpuSeconds(child.pid),
    rssMiB: () => groupRssMiB(child.pid),
    /** @param {{ graph: string, input: object, count: number, concurrency: number, durability?: string }} order */
    invoke: (order) => {
      child.send(order)
      return answer(child, 'done')
    },
    stop,
  }
}

function forkScript(workbench, kind, database) {
  const log = openSync(workbench.log(`bare-${kind}`), 'a')
  const place = kind === 'postgres' ? database.settings.uri : database?.dir
  const room = join(workbench.command, '../../../libs/database/index.js')
  const child = fork(join(workbench.project, 'bare/invoke.mjs'), [kind, place ?? '', room], {
    cwd: workbench.project,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  guardGroup(child.pid)
  return child
}

/** The next message of this kind. @throws Error with what the process says went wrong, or when it has ended */
function answer(child, kind) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the process of the bare graph has ended'))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      if (kind in message) resolve(message[kind])
      else reject(new Error(message.failed ?? 'an unexpected message'))
    })
  })
}
