// The processes of a measurement: the receiver, the bare loop, the built server.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { atEnd } from './cleanup.mjs'

/** The folder of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** Starts the receiver; `expect(n)` and `latencies(n)` resolve with what it tells after so many requests, of one path alone when told. */
export async function startReceiver() {
  const child = fork(join(import.meta.dirname, 'receiver.mjs'))
  const [{ port }] = await once(child, 'message')
  const ask = async (question) => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  return {
    url: (path = '/hook') => `http://127.0.0.1:${port}${path}`,
    expect: (count, path) => ask({ expect: count, path }),
    latencies: (count, path) => ask({ latencies: count, path }),
    close: atEnd(() => child.connected && child.disconnect()),
  }
}

/** Posts `count` bodies from a process of its own; resolves with posts per second as the receiver saw them. */
export async function bareLoop(receiver, { count, concurrency, bodyBytes }) {
  const told = receiver.expect(count)
  const loop = fork(join(import.meta.dirname, 'bare-loop.mjs'), [
    receiver.url('/bare'),
    String(count),
    String(concurrency),
    String(bodyBytes),
  ])
  const { requests, seconds } = await told
  await once(loop, 'exit')
  return requests / seconds
}

/** Starts `signalbox start` on the data folder or on `DATABASE_URI`; allowed to post to 127.0.0.1. */
export async function startServer(dataDir, environment = {}) {
  const command = join(ROOT, 'dist/apps/cli/main.js')
  const options = ['start', '--config', join(ROOT, 'langgraph.json'), '--port', '0', '--data-dir', dataDir]
  const startedAt = performance.now()
  const child = spawn(process.execPath, [command, ...options], {
    env: { ...process.env, SIGNALBOX_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const url = await new Promise((ready, failed) => {
    lines.on('line', (line) => {
      const found = /ready on (http:\/\/[^"\s]+)/.exec(line)?.[1]
      if (found) ready(found)
    })
    child.once('exit', (code) => failed(new Error(`the server ended with code ${code} before it was ready`)))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
  }
  return { url, startMs: performance.now() - startedAt, pid: child.pid, stop }
}
