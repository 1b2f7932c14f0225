import { createHash } from 'node:crypto'
import { isJsonObject } from '#kernel'
import { type Block, blockOf, flagOf, numberOf, textOf, textsOf } from './block.js'
import type { Environment } from './environment.js'
import type { Findings, Place } from './findings.js'
import { isHeaderName } from './header-names.js'
import { readModuleSpec } from './module-spec.js'
import type { PlacedBlock } from './project-blocks.js'
import type { ProcessRole } from './scale.js'
import type { AuthCacheSettings, AuthDocument, AuthSettings, ServerMode } from './settings.js'

const KEYS = 'SIGNALBOX_API_KEYS'
const SHORTEST_KEY = 16
const DEFAULT_TTL_SECONDS = 300
const LONGEST_TTL_SECONDS = 86_400
const DEFAULT_ENTRIES = 1_000
const MOST_ENTRIES = 100_000

/** How the description of the API tells of `SIGNALBOX_API_KEYS`. */
const KEYS_DOCUMENT: AuthDocument = {
  securitySchemes: { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  security: [{ apiKey: [] }],
}

/** Design section 6. */
const OPEN_API = 'No authentication is configured: whoever reaches the server may use its whole API.'

/** What is configured of who is let in. */
export interface AuthBlock {
  readonly auth: AuthSettings
  readonly authDocument: AuthDocument
}

/** What it depends on whether an API that asks nobody is to be warned of. */
export interface AuthSurroundings {
  readonly mode: ServerMode
  readonly projectDir: string
  readonly role: ProcessRole
  readonly host: string
}

/** Reads the `auth` block and `SIGNALBOX_API_KEYS`, of which only one may be there. */
export function readAuth(
  { block, place }: PlacedBlock,
  { mode, projectDir, role, host }: AuthSurroundings,
  environment: Environment,
  findings: Findings,
): AuthBlock {
  // The variable takes the place of the file's block: an empty one would let everybody in.
  const isSwitchedOff = /^\s*\{\s*\}\s*$/.test(environment.value('LANGGRAPH_AUTH') ?? '')
  const custom = readCustom({ block, place }, { projectDir, isSwitchedOff }, findings)
  const keyHashes = readKeys(environment, findings)
  if (custom && keyHashes) {
    const remedy = 'Leave one of the two out: the server does not know whom to believe.'
    findings.fault(environment.place(KEYS), 'is set beside "auth.path"', remedy)
  }
  const auth = custom ?? (keyHashes ? { kind: 'keys' as const, keyHashes } : { kind: 'none' as const })
  // A worker answers nothing that a key could guard but `/metrics`, which has the admin key.
  const isServed = role !== 'worker' && (mode === 'start' || !isOfThisMachine(host))
  if (auth.kind === 'none' && isServed) findings.warnOfDeployment(OPEN_API)
  const authDocument = readDocument(blockOf(block, 'openapi'), place.child('openapi'), findings)
  return { auth, authDocument: auth.kind === 'keys' ? KEYS_DOCUMENT : authDocument }
}

/** Whether an address to listen on is reached from this machine alone. */
function isOfThisMachine(host: string): boolean {
  return /^(localhost|127\.[\d.]+|::1)$/i.test(host)
}

function readCustom(
  { block, place }: PlacedBlock,
  { projectDir, isSwitchedOff }: { readonly projectDir: string; readonly isSwitchedOff: boolean },
  findings: Findings,
): AuthSettings | null {
  const spec = textOf(block, 'path')
  if (spec === undefined) {
    // The block guards something: to go on without what it forgot to say would leave that open.
    if ((block['path'] ?? null) === null && (isSwitchedOff || Object.keys(block).length > 0)) {
      findings.fault(place.child('path'), 'is missing', 'Write "./auth.ts:auth".')
    }
    return null
  }
  const module = readModuleSpec(spec, projectDir, place.child('path'), findings)
  const cache = readCache(blockOf(block, 'cache'), place.child('cache'), findings)
  return module && { kind: 'custom', module, disableStudioAuth: flagOf(block, 'disable_studio_auth'), cache }
}

function readCache(block: Block, place: Place, findings: Findings): AuthCacheSettings | null {
  if (Object.keys(block).length === 0) return null
  const headers = (textsOf(block, 'cache_keys') ?? []).map((name) => name.toLowerCase())
  if (headers.length === 0 || !headers.every((name) => isHeaderName(name) && !name.includes('*'))) {
    findings.fault(place.child('cache_keys'), 'must name request headers', 'Write ["authorization"].')
  }
  const whole = (key: string, fallback: number, most: number): number => {
    const value = numberOf(block, key) ?? fallback
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    findings.fault(place.child(key), `must be a whole number from 1 to ${most}`, `Without it, it is ${fallback}.`)
    return fallback
  }
  const ttlSeconds = whole('ttl_seconds', DEFAULT_TTL_SECONDS, LONGEST_TTL_SECONDS)
  return { headers, ttlMs: ttlSeconds * 1_000, maxEntries: whole('max_size', DEFAULT_ENTRIES, MOST_ENTRIES) }
}

function readDocument(block: Block, place: Place, findings: Findings): AuthDocument {
  const { security = [] } = block
  if (!isJsonObject(block['securitySchemes'] ?? {})) {
    findings.fault(place.child('securitySchemes'), 'must be an object', 'Write { "name": { "type": "http", … } }.')
  }
  if (!Array.isArray(security)) findings.fault(place.child('security'), 'must be a list', 'Write [{ "name": [] }].')
  return { securitySchemes: blockOf(block, 'securitySchemes'), security: Array.isArray(security) ? security : [] }
}

/** Null when the variable is unset. Only hashes go on from here. */
function readKeys(environment: Environment, findings: Findings): readonly Buffer[] | null {
  const text = environment.value(KEYS)
  if (text === undefined) return null
  const keys = text.split(',').map((key) => key.trim())
  const faults = keys.flatMap((key, index) => {
    const fault = faultOfKey(key)
    return fault === null ? [] : [`Key ${index + 1} of ${keys.length} ${fault}.`]
  })
  if (faults.length > 0) {
    const remedy = `${faults.join(' ')} Separate them by commas; each is ${SHORTEST_KEY} visible ASCII characters or more.`
    findings.fault(environment.place(KEYS), 'holds a key that cannot be used', remedy)
  }
  return [...new Set(keys)].map((key) => createHash('sha256').update(key).digest())
}

/** What is wrong with a key, without showing it; null when nothing is. */
function faultOfKey(key: string): string | null {
  if (key === '') return 'is empty'
  if (!/^[\x21-\x7e]+$/.test(key)) return 'has a space or another character that is not visible ASCII'
  // Files for containers keep the quotes around a value, and clients take them off theirs.
  if (/^["'].*["']$/.test(key)) return 'is in quotes, which would belong to it'
  return key.length < SHORTEST_KEY ? `has fewer than ${SHORTEST_KEY} characters` : null
}
