import { startRefused } from '#kernel'
import { type LayeredApp, type ReportError, withBody } from './exchange.js'
import { isHono, layerHono } from './hono-app.js'

/** What `http.app` may export besides Hono. */
interface FetchApp {
  fetch(request: Request): Response | Promise<Response>
}

/**
 * Makes the layer of what `http.app` exports: an app with `fetch`, or the function itself.
 * @throws AppError `start_refused` for anything else.
 */
export function layerOf(exported: unknown, report: ReportError): LayeredApp {
  if (isHono(exported)) return layerHono(exported, report)
  if (typeof exported === 'function') return layerPlain({ fetch: exported as FetchApp['fetch'] })
  if (hasFetch(exported)) return layerPlain(exported)
  throw startRefused(
    'http.app: must export a fetch-style app, such as one of Hono: an object with "fetch", or a function.',
  )
}

/** An app of which nothing is known but `fetch`: its 404 means that it leaves the request to the server. */
function layerPlain(app: FetchApp): LayeredApp {
  return async ({ request, replay, builtIn }) => {
    const answer = await app.fetch(request)
    if (answer.status !== 404) return answer
    await answer.body?.cancel()
    return builtIn(request.bodyUsed ? withBody(request, replay()) : request)
  }
}

function hasFetch(value: unknown): value is FetchApp {
  return typeof value === 'object' && value !== null && 'fetch' in value && typeof value.fetch === 'function'
}
