import { type Block, flagOf, numberOf, textOf, textsOf } from './block.js'
import type { Findings, Place } from './findings.js'
import { isHeaderName } from './header-names.js'
import type { CorsSettings } from './settings.js'

/** What every answer exposes, whatever the file lists (contract 1.12): clients read these. */
const ALWAYS_EXPOSED = ['content-location', 'location', 'x-pagination-total', 'x-pagination-next', 'x-request-id']
const ALL_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const DEFAULT_MAX_AGE_SECONDS = 600

/** Reads `http.cors`; an empty block is the default: any origin, no credentials. */
export function readCors(cors: Block, place: Place, findings: Findings): CorsSettings {
  const originRegex = readOriginRegex(cors, place, findings)
  const origins = readOrigins(cors, originRegex, place, findings)
  return {
    origins,
    originRegex,
    methods: readMethods(cors, place, findings),
    headers: readHeaderNames(cors, 'allow_headers', place, findings) ?? ['*'],
    credentials: readCredentials(cors, origins, place, findings),
    exposeHeaders: [
      ...new Set([...(readHeaderNames(cors, 'expose_headers', place, findings) ?? []), ...ALWAYS_EXPOSED]),
    ],
    maxAgeSeconds: readMaxAge(cors, place, findings),
  }
}

function readOriginRegex(cors: Block, place: Place, findings: Findings): string | null {
  const source = textOf(cors, 'allow_origin_regex')
  if (source === undefined) return null
  try {
    void new RegExp(source)
  } catch {
    findings.fault(place.child('allow_origin_regex'), 'is not a regular expression', 'Write it as JavaScript reads it.')
  }
  return source
}

/** Any origin, unless origins or a pattern are named. */
function readOrigins(cors: Block, originRegex: string | null, place: Place, findings: Findings): readonly string[] {
  const listed = textsOf(cors, 'allow_origins')
  if (listed === undefined) return originRegex === null ? ['*'] : []
  return listed.map((entry, index) => {
    const origin = normalOrigin(entry)
    if (origin !== null) return origin
    const item = place.child('allow_origins').item(index)
    findings.fault(item, 'is not an origin', 'Write "*" or "https://host[:port]"; patterns go into allow_origin_regex.')
    return entry
  })
}

/** The origin as browsers send it; null when the text is none. */
function normalOrigin(entry: string): string | null {
  if (entry === '*' || entry === 'null') return entry
  if (/[\s*\\]/.test(entry) || !URL.canParse(entry)) return null
  const url = new URL(entry)
  const isBare = url.pathname.length <= 1 && url.search === '' && url.hash === '' && url.username === ''
  if (!isBare || url.host === '') return null
  return `${url.protocol}//${url.host}`
}

function readMethods(cors: Block, place: Place, findings: Findings): readonly string[] {
  const listed = textsOf(cors, 'allow_methods') ?? ALL_METHODS
  listed.forEach((method, index) => {
    if (method === '*' || isHeaderName(method)) return
    findings.fault(place.child('allow_methods').item(index), 'is not an HTTP method', 'Write "GET", "POST", … or "*".')
  })
  return listed.includes('*') ? ALL_METHODS : listed.map((method) => method.toUpperCase())
}

function readHeaderNames(cors: Block, key: string, place: Place, findings: Findings): string[] | undefined {
  const listed = textsOf(cors, key)
  listed?.forEach((name, index) => {
    if (isHeaderName(name)) return
    findings.fault(place.child(key).item(index), 'is not a header name', 'Write "x-name" or "*".')
  })
  return listed?.map((name) => name.toLowerCase())
}

/** Browsers send no credentials to `*`; naming whoever asks instead would open every user's session to every site. */
function readCredentials(cors: Block, origins: readonly string[], place: Place, findings: Findings): boolean {
  if (!flagOf(cors, 'allow_credentials')) return false
  if (!origins.includes('*')) return true
  const key = place.child('allow_credentials').key
  findings.warn(`${place.where}: ${key} is ignored, since any origin ("*") is allowed: name the origins to allow it.`)
  return false
}

function readMaxAge(cors: Block, place: Place, findings: Findings): number {
  const seconds = numberOf(cors, 'max_age') ?? DEFAULT_MAX_AGE_SECONDS
  if (Number.isInteger(seconds) && seconds >= 0) return seconds
  findings.fault(place.child('max_age'), 'must be a whole number of seconds, 0 or more', 'Write 600, for example.')
  return DEFAULT_MAX_AGE_SECONDS
}
