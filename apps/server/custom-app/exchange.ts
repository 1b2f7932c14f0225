/** Answers a request that the app leaves to the server. Never rejects. */
export type BuiltIn = (request: Request) => Promise<Response>

/** One request on its way through the app. */
export interface Exchange {
  /** What the app is given. */
  readonly request: Request
  /** The body as it came, from the beginning, however much of it the app has read. */
  readonly replay: () => ReadableStream<Uint8Array> | null
  readonly builtIn: BuiltIn
}

/** The app around the built-in routes: answers itself, or with what the built-in routes answer. */
export type LayeredApp = (exchange: Exchange) => Promise<Response>

/** Reports an error that the app's own handlers left. */
export type ReportError = (error: unknown) => void

/** What a request can be given as its body. */
type Body = NonNullable<RequestInit['body']> | null

/** The same request with another body. */
export function withBody(request: Request, body: Body): Request {
  const { method, headers, signal } = request
  return new Request(request.url, { method, headers, signal, body, ...(body === null ? {} : { duplex: 'half' }) })
}
