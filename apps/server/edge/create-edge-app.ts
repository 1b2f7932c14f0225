import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { HttpSettings } from '#config'
import { RequestBodyPipe } from '#http'
import type { Logger } from '#kernel'
import { installBodyParsers } from './body-parsers.js'
import { EdgeAdapter } from './edge-adapter.js'
import { EmptyBodyPipe } from './empty-body.pipe.js'
import { ErrorFilter } from './error-filter.js'
import { NestLogBridge } from './nest-log-bridge.js'
import { type Observation, observeRequests } from './observe-requests.js'
import { createRequestHook, type Front } from './request-hook.js'
import { RouteGate } from './route-gate.js'
import { readOverlongBodies } from './unread-body.js'

/** What the edge is made for. */
export interface EdgeOptions {
  readonly settings: HttpSettings
  readonly logger: Logger
  /** Adds what needs the modules, before any of them is initialised; what it returns stands before the routes. */
  readonly prepare?: (app: NestFastifyApplication) => Front | null
  /** Makes what hears of every answered request. */
  readonly observe?: (app: NestFastifyApplication, front: Front | null) => (observation: Observation) => void
}

/** Makes and initialises the Nest application of a module behind the HTTP edge; it does not listen yet. */
export async function createEdgeApp(
  root: DynamicModule,
  { settings, logger, prepare, observe }: EdgeOptions,
): Promise<NestFastifyApplication> {
  const adapter = new EdgeAdapter(settings)
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: new NestLogBridge(logger),
  })
  installBodyParsers(adapter.getInstance())
  readOverlongBodies(adapter.getInstance())
  if (settings.mountPrefix !== '') app.setGlobalPrefix(settings.mountPrefix)
  app.useGlobalFilters(new ErrorFilter(logger))
  app.useGlobalPipes(new EmptyBodyPipe(), new RequestBodyPipe())
  const front = prepare?.(app) ?? null
  if (observe) observeRequests(adapter.getInstance(), settings.mountPrefix, observe(app, front))
  adapter.setOnRequestHook(createRequestHook(settings, new RouteGate(settings, adapter.routes), front))
  await app.init()
  return app
}
