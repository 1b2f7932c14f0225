import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Pool } from 'pg'
import { AppModule, type ServerOptions } from './app.module.js'
import { createEdgeApp } from './edge/create-edge-app.js'

/**
 * The whole application with its database open and migrated; no graph is loaded and nothing listens yet
 * (`startServer` goes on from here). What it had opened is closed again when it fails. @throws AppError `start_refused`.
 */
export async function createApp(options: ServerOptions): Promise<NestFastifyApplication> {
  const opened: Promise<Pool>[] = []
  const root = AppModule.register(options, (pool) => opened.push(pool))
  try {
    return await createEdgeApp(root, options.settings.http, options.logger)
  } catch (error) {
    for (const pool of await Promise.allSettled(opened)) if (pool.status === 'fulfilled') await pool.value.end()
    throw error
  }
}
