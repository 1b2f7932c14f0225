// A server under test: a process group of its own that is there when `/ok` answers, and gone for certain after `stop`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { atEnd, guardGroup, killGroup, notAtEnd, releaseGroup } from './cleanup.mjs'
import { groupCpuSeconds, groupRssMiB } from './figures-of-processes.mjs'

const READY_MS = 60_000
const POLL_MS = 5
const STOP_MS = 15_000

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {number} pid
 * @property {number} startMs from the start of the process to its first answer
 * @property {() => number | null} cpuSeconds of the whole group, so far
 * @property {() => number | null} rssMiB of the whole group, now
 * @property {() => boolean} hasEnded
 * @property {() => string} lastWords the end of its log
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a server and waits until it answers.
 * @param {{ command: string, args: (port: number) => string[], cwd: string, environment: Record<string, string>,
 *   log: string, ready?: 'answers' | 'lives' }} options
 * @returns {Promise<Server>}
 */
export async function startServerProcess({ command, args, cwd, environment, log, ready = 'answers' }) {
  const port = await freePort()
  notAtEnd()
  const startedAt = performance.now()
  const child = spawnLogged(command, args(port), { cwd, env: cleanEnvironment(environment), log })
  const server = describe(child, `http://127.0.0.1:${port}`, log)
  try {
    await (ready === 'answers' ? answers(server.url, child) : sleep(0))
  } catch (error) {
    await server.stop()
    throw new Error(`${error.message}: ${server.lastWords()}`, { cause: error })
  }
  return { ...server, startMs: performance.now() - startedAt }
}

function describe(child, url, log) {
  return {
    url,
    pid: child.pid,
    startMs: Number.NaN,
    cpuSeconds: () => groupCpuSeconds(child.pid),
    rssMiB: () => groupRssMiB(child.pid),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    lastWords: () => readFileSync(log, 'utf8').slice(-600).replaceAll(/\s+/g, ' '),
    stop: atEnd(() => endGroup(child)),
  }
}

function spawnLogged(command, args, { cwd, env, log }) {
  const file = openSync(log, 'a')
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', file, file], detached: true })
  closeSync(file)
  guardGroup(child.pid)
  return child
}

/** SIGTERM for all of the group, SIGKILL for what is left of it. */
async function endGroup(child) {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()
  killGroup(child.pid, 'SIGTERM')
  await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })])
  killGroup(child.pid, 'SIGKILL')
  await ended
  releaseGroup(child.pid)
}

async function answers(url, child) {
  const deadline = performance.now() + READY_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`ended with code ${child.exitCode} before it answered`)
    const isThere = await fetch(`${url}/ok`).then(
      (response) => response.ok,
      () => false,
    )
    if (isThere) return
    await sleep(POLL_MS)
  }
  throw new Error(`no answer within ${READY_MS / 1000} s`)
}

/** A port that is free now. @returns {Promise<number>} */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

/** Our environment without what would set up a server under test, and with `added`. */
function cleanEnvironment(added) {
  const ours = /^(SIGNALBOX_|LANGGRAPH_|LANGSMITH_|LANGCHAIN_|DATABASE_UR|REDIS_UR|NODE_ENV|NODE_OPTIONS|npm_)/
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name))
  return { ...Object.fromEntries(kept), ...added }
}
