import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Settings } from '#config'
import { AppModule, type ServerOptions } from './app.module.js'
import { Entrance } from './auth/entrance.js'
import { WorkerGate } from './auth/worker-gate.js'
import { CustomApp } from './custom-app/custom-app.js'
import { CustomAppHook } from './custom-app/custom-app-hook.js'
import { HttpMetrics } from '#health'
import { createEdgeApp, type EdgeOptions } from './edge/create-edge-app.js'
import { loggedHeaders } from './edge/logged-headers.js'
import type { Observation } from './edge/observe-requests.js'
import type { Front } from './edge/request-hook.js'
import { openDatabase } from './open-database.js'

/**
 * The whole application with its database open and migrated; no graph is loaded and nothing listens yet
 * (`startServer` goes on from here). What it had opened is closed again when it fails. @throws AppError `start_refused`.
 */
export async function createApp(options: ServerOptions): Promise<NestFastifyApplication> {
  const { settings, logger } = options
  const pool = options.pool ?? openDatabase(settings, logger)
  try {
    return await createEdgeApp(AppModule.register(options, pool), {
      settings: settings.http,
      logger,
      prepare: prepareEdge(settings),
      observe: (app, front) => observer(app.get(HttpMetrics, { strict: false }), front, options),
    })
  } catch (error) {
    const [opened] = await Promise.allSettled([pool])
    if (opened.status === 'fulfilled') await opened.value.end()
    throw error
  }
}

function prepareEdge({ http, role }: Settings): NonNullable<EdgeOptions['prepare']> {
  return (app) => {
    const entrance = app.get(Entrance, { strict: false })
    const gatekeeper = role === 'worker' ? new WorkerGate(entrance, http.mountPrefix) : entrance
    if (http.customRoutes === null) return { front: null, gatekeeper }
    return { front: new CustomAppHook(app.get(CustomApp, { strict: false }), http, entrance), gatekeeper }
  }
}

/** Counts and logs what the client sees once, however often it went through the edge. */
function observer(metrics: HttpMetrics, front: Front | null, options: ServerOptions): (seen: Observation) => void {
  const log = requestLog(options)
  return (seen) => {
    const { request, status, seconds } = seen
    if (front?.comesAgain(request) === true) return
    const route = front?.answeredByApp(request) === true ? 'custom' : (seen.route ?? 'unknown')
    metrics.observe({ method: request.method, route, status, seconds })
    log(seen)
  }
}

/** One line a request: at level info where headers of it are wanted, else for debugging. */
function requestLog({ settings, logger }: ServerOptions): (seen: Observation) => void {
  const { loggingHeaders } = settings.http
  const filled = settings.webhooks.headers.filter((header) => header.filled.length > 0)
  const filledNames = new Set(filled.map(({ name }) => name.toLowerCase()))
  return ({ request, route, status, seconds }) => {
    const fields = { requestId: request.id, method: request.method, route, status, seconds }
    if (loggingHeaders.includes.length === 0) return logger.debug(fields, 'request')
    const headers = loggedHeaders(request.headers, loggingHeaders, filledNames)
    logger.info({ ...fields, headers }, 'request')
  }
}
