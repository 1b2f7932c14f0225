import 'reflect-metadata'
import { Agent, type IncomingMessage, request } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadSettings, type Settings } from '#config'
import { openPool } from '#database'
import { JsonLogger } from '#kernel'
import { FakeClock, freshDatabase, type TestDatabaseSettings } from '#testing'
import { type RunningServer, startServer } from '../../apps/server/start-server.js'
import { Gate } from '../support/gate.js'
import { PROJECT } from '../support/server-process.js'

const GRACE_MS = 30_000

let fresh: TestDatabaseSettings
let gate: Gate
let clock: FakeClock
let server: RunningServer
const agents: Agent[] = []

beforeEach(async () => {
  fresh = await freshDatabase()
  gate = await Gate.make()
  clock = new FakeClock()
  const loaded = loadSettings({ mode: 'dev', configFile: PROJECT, environment: {}, port: 0 })
  const settings: Settings = Object.assign({}, loaded, { database: fresh.settings })
  server = await startServer({ settings, logger: JsonLogger.create('silent'), clock })
})
afterEach(async () => {
  await server.stop(0)
  for (const agent of agents.splice(0)) agent.destroy()
  await gate.close()
  await fresh.remove()
})

/** A client with one connection, which it keeps. */
class KeptConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor() {
    agents.push(this.#agent)
  }

  /** Sends a request; the answer's head. */
  async send(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const headers = { 'content-type': 'application/json' }
    const sent = request(`${server.url}${path}`, { agent: this.#agent, method, headers })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return answer
  }

  /** Status, `connection` and body of the answer. */
  async ask(method: string, path: string, body?: unknown): Promise<[number | undefined, string | undefined, unknown]> {
    const answer = await this.send(method, path, body)
    return [answer.statusCode, answer.headers.connection, JSON.parse(await textOf(answer))]
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}

/** Moves the time on until the answers have ended. */
async function advanceUntil(answers: Promise<unknown>): Promise<void> {
  let isDone = false
  void answers.finally(() => (isDone = true))
  while (!isDone) await clock.advance(100)
}

/** The last connections go: nothing is left to wait for, and the time stands still. */
async function leave(stopped: Promise<void>): Promise<void> {
  for (const agent of agents.splice(0)) agent.destroy()
  await stopped
}

const runBody = () => ({ assistant_id: 'steps', input: { gate: gate.url } })

it('while it drains, answers on kept connections and closes each with its answer', async () => {
  const [probe, creator, waiter] = [new KeptConnection(), new KeptConnection(), new KeptConnection()]
  for (const kept of [probe, creator]) expect(await kept.ask('GET', '/ok')).toEqual([200, 'keep-alive', { ok: true }])
  const waiting = await waiter.send('POST', '/runs/wait', runBody())
  await gate.reached()

  const stopped = server.stop(GRACE_MS)
  expect(await probe.ask('GET', '/health/ready')).toMatchObject([503, 'close', { ok: false }])
  expect(await creator.ask('POST', '/threads', {})).toMatchObject([200, 'close', { status: 'idle' }])
  await expect(new KeptConnection().ask('GET', '/ok')).rejects.toThrow('ECONNREFUSED')

  gate.open()
  expect(JSON.parse(await textOf(waiting))).toMatchObject({ log: ['first', 'second'] })
  expect(await waiter.ask('GET', '/ok')).toEqual([200, 'close', { ok: true }])
  await leave(stopped)
})

it('a wait and a join that are still open when the grace ends are told in band, and the run is kept', async () => {
  const [waiter, reader] = [new KeptConnection(), new KeptConnection()]
  const [, , thread] = await new KeptConnection().ask('POST', '/threads', {})
  const { thread_id: threadId } = thread as { thread_id: string }
  const waiting = await waiter.send('POST', `/threads/${threadId}/runs/wait`, runBody())
  const place = String(waiting.headers['content-location'])
  const joining = await reader.send('GET', `${place}/join`)
  await gate.reached()
  const ends = [textOf(waiting), textOf(joining)]
  const stopped = server.stop(GRACE_MS)
  await advanceUntil(Promise.all(ends))
  await leave(stopped)
  for (const end of ends) {
    expect(JSON.parse(await end)).toEqual({
      __error__: { error: 'ServerShutdown', message: 'The server is shutting down' },
    })
  }
  const pool = await openPool(fresh.settings, JsonLogger.create('silent'))
  const { rows } = await pool.query('SELECT status, attempt, handed_back FROM runs')
  await pool.end()
  expect(rows).toEqual([{ status: 'pending', attempt: 1, handed_back: 1 }])
})
