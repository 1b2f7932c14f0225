import { type Exchange, type LayeredApp, type ReportError, withBody } from './exchange.js'
import { failedAnswer } from './failed-answer.js'

/** What of Hono's context is read. */
interface HonoContext {
  readonly req: HonoRequest
  readonly env: { readonly [EXCHANGE]?: Exchange }
  newResponse(body: ReadableStream | null, init: Response): Response
}

interface HonoRequest {
  readonly raw: Request
  /** What was read of the body, by the way it was read. */
  readonly bodyCache: Readonly<Record<string, Promise<unknown> | undefined>>
  json(): Promise<unknown>
  arrayBuffer(): Promise<ArrayBuffer>
}

/** What of a Hono app is used; the library itself is the project's. */
interface HonoApp {
  errorHandler?: unknown
  fetch(request: Request, environment: object): Response | Promise<Response>
  notFound(handler: (context: HonoContext) => Promise<Response>): unknown
  onError(handler: (error: unknown) => Response): unknown
}

const EXCHANGE = Symbol('exchange')

/** Whether an export is a Hono app. */
export function isHono(value: unknown): value is HonoApp {
  const has = (name: string): boolean =>
    typeof (value as Record<string, unknown> | null)?.[name] === 'function' && typeof value === 'object'
  return has('fetch') && has('notFound') && has('onError')
}

/**
 * Puts the built-in routes where the app's own answer to unknown paths was: so its middleware wraps them, its routes go
 * first, and its 404 swallows nothing. An error handler of the project stays.
 */
export function layerHono(app: HonoApp, report: ReportError): LayeredApp {
  app.notFound(async (context) => {
    const exchange = context.env[EXCHANGE]
    if (!exchange) return failedAnswer(404)
    const answer = await exchange.builtIn(await passedOn(context.req, exchange))
    // Hono's own maker adds the headers that middleware set before it went on.
    return context.newResponse(answer.body, answer)
  })
  if (hasOwnErrorHandler(app)) return (exchange) => call(app, exchange)
  app.onError((error) => {
    const meant = responseOf(error)
    if (!meant) report(error)
    return meant ?? failedAnswer(500)
  })
  return (exchange) => call(app, exchange)
}

async function call(app: HonoApp, exchange: Exchange): Promise<Response> {
  return app.fetch(exchange.request, { [EXCHANGE]: exchange })
}

/** Whether the project has set an error handler: Hono's own is shared by all apps. */
function hasOwnErrorHandler(app: HonoApp): boolean {
  const { constructor } = app as unknown as { constructor: new () => HonoApp }
  return app.errorHandler !== new constructor().errorHandler
}

/** Hono's `HTTPException` brings its answer along. */
function responseOf(error: unknown): Response | null {
  if (typeof error !== 'object' || error === null || !('getResponse' in error)) return null
  return (error.getResponse as () => Response).call(error)
}

/**
 * The request as middleware left it. A body is rewritten in one of three ways: `c.req.raw` replaced, `c.req.json`
 * replaced, or another one put into Hono's cache of what was read.
 */
async function passedOn(req: HonoRequest, { request, replay }: Exchange): Promise<Request> {
  const { raw, bodyCache } = req
  if (raw !== request && !raw.bodyUsed) return raw
  if (Object.hasOwn(req, 'json')) return withBody(raw, JSON.stringify(await req.json()))
  // Hono's types hide that it keeps promises there.
  const json = bodyCache['json']
  if (json !== undefined) return withBody(raw, JSON.stringify(await Promise.resolve(json)))
  if (Object.keys(bodyCache).length > 0) return withBody(raw, await req.arrayBuffer())
  return raw.bodyUsed ? withBody(raw, replay()) : raw
}
