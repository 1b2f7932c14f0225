import 'reflect-metadata'
import { tmpdir } from 'node:os'
import { Test } from '@nestjs/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Settings } from '#config'
import { Database } from '#database'
import { JsonLogger, KernelModule, PACKAGE_VERSION } from '#kernel'
import { Module } from '@nestjs/common'
import { PROBE_DEADLINE_MS } from './database-probe.js'
import { graphLibraryVersion } from './graph-library-version.js'
import { HealthController } from './health.controller.js'
import { HealthModule } from './health.module.js'
import { Readiness } from './readiness.js'
import { SystemController } from './system.controller.js'

let query: () => Promise<unknown>
let health: HealthController
let system: SystemController
let readiness: Readiness

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  query = () => Promise.resolve({ rows: [], affected: 0 })
  const stand = {
    module: class {},
    global: true,
    providers: [
      { provide: Settings, useValue: { projectDir: process.cwd() } },
      { provide: Database, useValue: { query: () => query() } },
    ],
    exports: [Settings, Database],
  }
  Module({})(stand.module)
  const kernel = KernelModule.register({ logger: JsonLogger.create('silent') })
  const module = await Test.createTestingModule({ imports: [kernel, stand, HealthModule] }).compile()
  health = module.get(HealthController)
  system = module.get(SystemController)
  readiness = module.get(Readiness)
  readiness.started()
})

afterEach(() => {
  vi.useRealTimers()
})

it('says what it is, and leaves no flag true for what does not exist', () => {
  expect(system.info()).toEqual({
    version: PACKAGE_VERSION,
    langgraph_js_version: graphLibraryVersion(process.cwd()),
    context: 'js',
    flags: { assistants: true, crons: true, langsmith: false, langsmith_tracing_replicas: false },
    host: { kind: 'self-hosted', project_id: null, revision_id: null, tenant_id: null },
    metadata: {},
  })
})

it('knows the version of the library of a project, and that a project has none', () => {
  expect(graphLibraryVersion(process.cwd())).toMatch(/^\d+\.\d+\.\d+/)
  expect(graphLibraryVersion(tmpdir())).toBeNull()
})

it('is ok without asking the database, unless asked to', async () => {
  query = () => Promise.reject(new Error('connection refused'))
  expect(await system.ok(undefined)).toEqual({ ok: true })
  expect(await system.ok('0')).toEqual({ ok: true })
  await expect(system.ok('1')).rejects.toMatchObject({ status: 500, message: 'The database failed to answer' })
})

it('is ready between start and stop while the database answers', async () => {
  expect(await health.ready()).toEqual({ ok: true })
  readiness.stopping()
  await expect(health.ready()).rejects.toMatchObject({ status: 503, message: 'Not ready: the server is stopping' })
  expect(health.live()).toEqual({ ok: true })
})

it('gives up on a database that hangs, and asks it only once meanwhile', async () => {
  const asked = vi.fn(() => new Promise<unknown>(() => undefined))
  query = asked
  const answers = [health.ready(), health.ready()].map((answer) =>
    expect(answer).rejects.toMatchObject({ status: 503 }),
  )
  await vi.advanceTimersByTimeAsync(PROBE_DEADLINE_MS)
  await Promise.all(answers)
  expect(asked).toHaveBeenCalledTimes(1)
})

it('asks again after an answer', async () => {
  query = () => Promise.reject(new Error('away'))
  await expect(health.ready()).rejects.toMatchObject({ status: 503 })
  query = () => Promise.resolve({ rows: [], affected: 0 })
  expect(await health.ready()).toEqual({ ok: true })
})
