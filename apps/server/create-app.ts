import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { AppModule, type ServerOptions } from './app.module.js'
import { createEdgeApp } from './edge/create-edge-app.js'

/**
 * The whole application with its database open and migrated; no graph is loaded and nothing listens yet
 * (`startServer` goes on from here). @throws AppError `start_refused`.
 */
export async function createApp(options: ServerOptions): Promise<NestFastifyApplication> {
  return createEdgeApp(AppModule.register(options), options.settings.http, options.logger)
}
