import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshDatabase, type TestDatabaseSettings } from '#testing'
import { ServerProcess } from '../support/server-process.js'
import { serverRoutes, type ServerRoute } from '../support/server-routes.js'
import { Chance } from './chance.js'
import { judge, type Judgement } from './judged-request.js'
import { type OddRequest, oddRequest } from './odd-request.js'
import type { KnownIds } from './valid-bodies.js'

/** `SIGNALBOX_FUZZ_SEED` repeats a run, `SIGNALBOX_FUZZ_COUNT` makes it longer. */
const SEED = Number(process.env['SIGNALBOX_FUZZ_SEED'] ?? Date.now() % 1_000_000_000)
const COUNT = Number(process.env['SIGNALBOX_FUZZ_COUNT'] ?? 5_000)
const AT_ONCE = 8
const SHOWN_FAULTS = 20

/** What Node's client can send; `all` of a framework names more. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

let fresh: TestDatabaseSettings
let server: ServerProcess
let client: Client
let routes: readonly ServerRoute[]

beforeAll(async () => {
  routes = (await serverRoutes()).filter(({ method }) => METHODS.has(method)).flatMap(weighed)
  fresh = await freshDatabase()
  server = await ServerProcess.start({
    database: fresh.settings,
    environment: { SIGNALBOX_BODY_LIMIT: '1048576', SIGNALBOX_INSPECTOR: '1' },
  })
  client = new Client({ apiUrl: server.url })
})
afterAll(async () => {
  await server.stop()
  await fresh.remove()
})

/** Routes that read much come oftener than those that take anything or read nothing. */
function weighed(route: ServerRoute): ServerRoute[] {
  const isSimple = /^\/(?:inspector|health|ok|info|console)/.test(route.path) || route.method === 'HEAD'
  const times = isSimple ? 1 : /^(?:POST|PUT|PATCH)$/.test(route.method) ? 8 : 3
  return Array.from({ length: times }, () => route)
}

/** An assistant and a thread with a finished run, made anew so often that deletions do not empty the ground. */
async function knownIds(chance: Chance): Promise<KnownIds> {
  const threadId = chance.uuid()
  const assistantId = chance.uuid()
  await client.assistants.create({ graphId: 'steps', assistantId })
  await client.threads.create({ threadId, metadata: { fuzz: true } })
  await client.runs.wait(threadId, assistantId, { input: {} })
  const [run] = await client.runs.list(threadId)
  const { checkpoint } = await client.threads.getState(threadId)
  return { threadId, runId: run?.run_id ?? '', checkpointId: checkpoint.checkpoint_id ?? '', assistantId }
}

/** What came of many requests. */
class Tally {
  readonly faults: string[] = []
  readonly statuses = new Map<number | null, number>()

  note(odd: OddRequest, { status, fault }: Judgement): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    if (fault !== null) this.faults.push(`${toLine(odd)}\n    ${fault}`)
  }

  count(wanted: (status: number) => boolean): number {
    return [...this.statuses].reduce((sum, [status, count]) => (wanted(status ?? 0) ? sum + count : sum), 0)
  }
}

async function sendBatch(chance: Chance, count: number, tally: Tally): Promise<void> {
  const ids = await knownIds(chance)
  const requests = Array.from({ length: count }, () => oddRequest(chance.of(routes), ids, chance))
  const sendNext = async () => {
    for (let odd = requests.pop(); odd; odd = requests.pop()) tally.note(odd, await judge(server.url, odd))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext))
}

/** An ordinary run succeeds, by an assistant of its own: the graphs' may have been deleted. */
async function expectWell(): Promise<void> {
  const { assistant_id } = await client.assistants.create({ graphId: 'steps' })
  const { thread_id } = await client.threads.create()
  expect(await client.runs.wait(thread_id, assistant_id, { input: {} })).toMatchObject({ log: ['first', 'second'] })
}

function toLine({ method, target, headers, body }: OddRequest): string {
  return `${method} ${target} ${JSON.stringify(headers)} ${(body?.toString() ?? '').slice(0, 1_500)}`
}

it(`answers ${COUNT} odd requests with sense, and is well afterwards (SIGNALBOX_FUZZ_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED)
  const tally = new Tally()
  for (let sent = 0; sent < COUNT; sent += 200) await sendBatch(chance, 200, tally)
  const told = tally.faults.slice(0, SHOWN_FAULTS).join('\n')
  expect(tally.faults.length, `seed ${SEED}, ${tally.faults.length} faults:\n${told}`).toBe(0)

  // Neither all refused at the door nor all taken: the oddities reach the rooms behind it.
  expect(tally.count((status) => status < 300)).toBeGreaterThan(COUNT / 10)
  expect(tally.count((status) => status === 422)).toBeGreaterThan(COUNT / 10)

  await expectWell()
  expect(server.output.filter((line) => line.includes('nobody handled it'))).toEqual([])
  expect(server.output.filter((line) => /"level":(?:50|60|"error")/.test(line)).slice(0, 5)).toEqual([])
}, 240_000)
