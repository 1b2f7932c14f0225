import 'reflect-metadata'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEST_REDIS } from '#testing'
import { Cluster, HAS_CLUSTERS } from '../support/cluster.js'
import { type CommandEnd, runCommand } from '../support/command.js'
import { composeProcesses, deployedFile, kubernetesProcesses } from '../support/deployment-files.js'
import type { ServerProcess } from '../support/server-process.js'
import { TestServer } from '../support/test-server.js'

const compose = composeProcesses()

describe('the routes that are asked for health', () => {
  const server = TestServer.use()
  const inImage = [...deployedFile('Dockerfile').matchAll(/\}(\/health\/\w+)/g)].map(([, path]) => path!)
  const routes = new Set([...inImage, ...[...compose, ...kubernetesProcesses()].flatMap(({ probes }) => probes)])

  it('are those of the server', () => expect([...routes].toSorted()).toEqual(['/health/live', '/health/ready']))

  it.each([...routes])('answer: %s', async (route) => expect((await fetch(`${server.url}${route}`)).status).toBe(200))
})

describe.skipIf(!HAS_CLUSTERS)('what compose.yaml starts, by hand', { timeout: 120_000 }, () => {
  let cluster: Cluster
  let migrated: CommandEnd
  let api: ServerProcess
  let worker: ServerProcess

  beforeAll(async () => {
    cluster = await Cluster.make()
    const { args, environment } = service('migrate')
    migrated = await runCommand(args, { ...environment, ...addresses() })
    api = await start('api')
    worker = await start('worker')
  })
  afterAll(() => cluster.close())

  function service(name: string) {
    const found = compose.find(({ where }) => where === `compose.yaml: ${name}`)
    if (!found) throw new Error(`compose.yaml has no ${name}`)
    return found
  }

  function addresses(): Record<string, string> {
    const { settings } = cluster.database
    return { DATABASE_URI: settings.kind === 'postgres' ? settings.uri : '', REDIS_URI: TEST_REDIS ?? '' }
  }

  function start(name: string): Promise<ServerProcess> {
    const { args, environment } = service(name)
    return cluster.startAs(args.slice(1), { ...environment, ...addresses() })
  }

  it('migrates, answers and works', async () => {
    expect(migrated).toMatchObject({ code: 0, stderr: '' })
    const client = new Client({ apiUrl: api.url })
    const { thread_id } = await client.threads.create()
    expect(await client.runs.wait(thread_id, 'echo', { input: { gate: null } })).toMatchObject({ log: ['echo'] })
    expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${worker.url}/assistants/search`, { method: 'POST' })).status).toBe(404)
  })

  it('ends by a SIGTERM', async () => {
    expect(await Promise.all([api.stop(), worker.stop()])).toEqual([0, 0])
  })
})
