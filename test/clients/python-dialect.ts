/** A query as the Python client is given it: lists become repeated parameters, None an empty one. */
export type PythonQuery = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** What goes beside method and path. */
export interface PythonRequest {
  readonly query?: PythonQuery
  /** Sent as JSON; without it there is neither a body nor a content type. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer as far as the Python client reads it. */
export interface PythonAnswer {
  readonly status: number
  readonly headers: Headers
  /** The JSON, null for an empty body. */
  readonly body: unknown
}

/** One SSE event, as the client's decoder yields it. */
export interface PythonEvent {
  readonly id: string | null
  readonly event: string
  readonly data: unknown
}

/** Requests on the wire as the Python client 0.4 makes them. */
export class PythonDialect {
  constructor(
    private readonly url: string,
    private readonly note: (request: string) => void,
  ) {}

  /** Path segments are percent-encoded with no safe characters. */
  async call(method: string, segments: readonly string[], request: PythonRequest = {}): Promise<PythonAnswer> {
    const answer = await this.#send(method, segments, request, { accept: '*/*' })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
  }

  /** The events of a stream to its end, or the first `count`. */
  async stream(
    method: string,
    segments: readonly string[],
    request: PythonRequest = {},
    count = Number.POSITIVE_INFINITY,
  ): Promise<PythonEvent[]> {
    const sse = { accept: 'text/event-stream', 'cache-control': 'no-store' }
    const answer = await this.#send(method, segments, request, sse)
    const type = answer.headers.get('content-type') ?? ''
    if (!type.startsWith('text/event-stream')) throw new Error(`${answer.status} ${await answer.text()}`)
    return readEvents(answer, count)
  }

  #send(
    method: string,
    segments: readonly string[],
    { query = {}, json, headers = {} }: PythonRequest,
    own: Record<string, string>,
  ): Promise<Response> {
    const path = `/${segments.map(quoted).join('/')}`
    this.note(`${method} ${path}`)
    const body = json === undefined ? {} : { body: JSON.stringify(json) }
    const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
    const agent = { 'user-agent': 'langgraph-sdk-py/0.4.3' }
    return fetch(`${this.url}${path}${queryText(query)}`, {
      method,
      headers: { ...agent, ...own, ...type, ...headers },
      ...body,
    })
  }
}

/** As `urllib.parse.quote(segment, safe="")`. */
function quoted(segment: string): string {
  return encodeURIComponent(segment).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
}

function queryText(query: PythonQuery): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'object' && value !== null ? [...value] : [value]).map(
      (one) => `${name}=${one === null ? '' : encodeURIComponent(String(one))}`,
    ),
  )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

async function readEvents(answer: Response, count: number): Promise<PythonEvent[]> {
  const events: PythonEvent[] = []
  let rest = ''
  for await (const bytes of answer.body ?? []) {
    rest += Buffer.from(bytes).toString('utf8')
    const frames = rest.split('\n\n')
    rest = frames.pop() ?? ''
    events.push(...frames.map(toEvent))
    if (events.length >= count) break
  }
  return events.slice(0, count)
}

function toEvent(frame: string): PythonEvent {
  const fields = new Map(
    frame
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
  )
  const data = fields.get('data')
  return { id: fields.get('id') ?? null, event: fields.get('event') ?? '', data: data ? JSON.parse(data) : null }
}
