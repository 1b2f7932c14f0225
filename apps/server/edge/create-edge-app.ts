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
import { createRequestHook, type Front, type Gatekeeper } from './request-hook.js'
import { RouteGate } from './route-gate.js'
import { readOverlongBodies } from './unread-body.js'

/** What the edge is made for. */
export interface EdgeOptions {
  readonly settings: HttpSettings
  readonly logger: Logger
  /** Adds what needs the modules, before any of them is initialised. */
  readonly prepare?: (app: NestFastifyApplication) => Prepared
  /** Makes what hears of every answered request. */
  readonly observe?: (app: NestFastifyApplication, front: Front | null) => (observation: Observation) => void
}

/** What stands before the routes. */
export interface Prepared {
  readonly front: Front | null
  readonly gatekeeper: Gatekeeper
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
  const { front, gatekeeper } = prepare?.(app) ?? { front: null, gatekeeper: OPEN }
  if (observe) observeRequests(adapter.getInstance(), settings.mountPrefix, observe(app, front))
  const gate = new RouteGate(settings, adapter.routes)
  adapter.setOnRequestHook(createRequestHook(settings, { gate, front, gatekeeper, logger }))
  // Bodies are read in a context of their own: the caller's is entered behind them.
  adapter.getInstance().addHook('preHandler', (request, _reply, done) => gatekeeper.enter(request, done))
  await app.init()
  return app
}

/** Asks nobody who they are. */
const OPEN: Gatekeeper = { admit: () => null, enter: (_request, work) => work() }
