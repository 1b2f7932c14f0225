import type { Server } from 'node:http'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { AssistantsService } from '#assistants'
import { CustomAuth } from '#auth'
import { isAlone, type Settings } from '#config'
import { CronScheduler } from '#crons'
import { Checkpoints, GraphRegistry, UserModules } from '#graphs'
import { BlockWatch, Readiness } from '#health'
import { RunWorker, SharedResultsSweep } from '#runs'
import { StoreIndex, StoreSweeper } from '#store'
import { ThreadSweepSchedule } from '#threads'
import { RetentionSweeper, WebhookDispatcher } from '#webhooks'
import type { ServerOptions } from './app.module.js'
import { createApp } from './create-app.js'
import { Entrance } from './auth/entrance.js'
import { CustomApp } from './custom-app/custom-app.js'
import { publishLoopback } from './custom-app/loopback-client.js'
import { listen } from './listen.js'
import { loadProject } from './load-project.js'
import { StopSequence } from './stop-sequence.js'

/** A server that answers requests and executes runs. */
export interface RunningServer {
  readonly app: NestFastifyApplication
  /** `http://HOST:PORT`, without the mount prefix. */
  readonly url: string
  /** The port in use, also where the settings asked for a free one. */
  readonly port: number
  /** Stops everything in order; `graceMs` is for running work, from the settings when absent. */
  stop(graceMs?: number): Promise<void>
}

/**
 * The one start sequence. Tells that it is ready in one line at level info.
 * @throws GraphLoadFaults, AppError `start_refused`, ProjectFaults of both, or what the database throws; then everything is
 * closed again.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, logger } = options
  for (const warning of settings.warnings) logger.warn({}, warning)
  const app = await createApp(options)
  try {
    await prepare(app, settings)
    if (worksIn(settings)) await app.get(WebhookDispatcher, { strict: false }).takeOver({ isAlone: isAlone(settings) })
    const port = await listen(app, settings.http)
    const url = urlOf(settings, port)
    const entrance = app.get(Entrance, { strict: false })
    const withdraw = publishLoopback(app.getHttpServer() as Server, `${url}${settings.http.mountPrefix}`, () =>
      entrance.voucher(),
    )
    work(app, settings)
    logger.info({}, readyLine(settings, url))
    const sequence = new StopSequence(app, settings, logger)
    const stop = (graceMs = settings.runs.graceMs) => sequence.run(graceMs).finally(withdraw)
    return { app, url, port, stop }
  } catch (error) {
    await app.close()
    throw error
  }
}

/** What must be there before the first request is answered. */
async function prepare(app: NestFastifyApplication, { auth }: Settings): Promise<void> {
  await loadProject([
    () => app.get(GraphRegistry, { strict: false }).load(),
    () => app.get(CustomAuth, { strict: false }).load(auth, app.get(UserModules, { strict: false })),
  ])
  await app.get(Checkpoints, { strict: false }).setup()
  await app.get(StoreIndex, { strict: false }).open()
  await app.get(CustomApp, { strict: false }).load()
  await app.get(AssistantsService, { strict: false }).ensureSystemAssistants()
}

/** Whether this process executes runs, crons and webhooks. */
function worksIn({ role }: Settings): boolean {
  return role !== 'api'
}

/** The loops, once requests are answered: path webhooks come back to this server. */
function work(app: NestFastifyApplication, settings: Settings): void {
  app.get(BlockWatch, { strict: false }).start()
  if (worksIn(settings)) startLoops(app)
  app.get(Readiness, { strict: false }).started()
}

function startLoops(app: NestFastifyApplication): void {
  app.get(RunWorker, { strict: false }).start()
  app.get(SharedResultsSweep, { strict: false }).start()
  app.get(WebhookDispatcher, { strict: false }).start()
  app.get(CronScheduler, { strict: false }).start()
  app.get(StoreSweeper, { strict: false }).start()
  app.get(ThreadSweepSchedule, { strict: false }).start()
  app.get(RetentionSweeper, { strict: false }).start()
}

/** In `dev`, with what there is to look at. */
function readyLine({ mode, http, role }: Settings, url: string): string {
  if (role === 'worker') return `signalbox worker ready, its health at ${url}${http.mountPrefix}/health/ready`
  const base = `${url}${http.mountPrefix}`
  const docs = http.disabled.includes('meta') ? '' : `, its API at ${base}/docs`
  return `signalbox ready on ${url}${mode === 'dev' ? ` (console at ${base}/console${docs})` : ''}`
}

function urlOf({ http }: Settings, port: number): string {
  return `http://${http.host.includes(':') ? `[${http.host}]` : http.host}:${port}`
}
