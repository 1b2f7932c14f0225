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
import { createRequestHook } from './request-hook.js'

/** Makes and initialises the Nest application of a module behind the HTTP edge; it does not listen yet. */
export async function createEdgeApp(
  root: DynamicModule,
  settings: HttpSettings,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new EdgeAdapter(settings)
  adapter.setOnRequestHook(createRequestHook(settings))
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: new NestLogBridge(logger),
  })
  installBodyParsers(adapter.getInstance())
  if (settings.mountPrefix !== '') app.setGlobalPrefix(settings.mountPrefix)
  app.useGlobalFilters(new ErrorFilter(logger))
  app.useGlobalPipes(new EmptyBodyPipe(), new RequestBodyPipe())
  await app.init()
  return app
}
