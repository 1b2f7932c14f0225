import { validateHeaderValue } from 'node:http'
import { isJsonObject } from '#kernel'
import { type Block, textOf } from './block.js'
import type { Environment } from './environment.js'
import type { Findings, Place } from './findings.js'
import { isHeaderName } from './header-names.js'
import { parseHeaderTemplate, type TemplatePart } from './header-template.js'
import type { PlacedBlock } from './project-blocks.js'
import type { WebhookHeader } from './settings.js'

const DEFAULT_PREFIX = 'LG_WEBHOOK_'
/** Set by the server, or belonging to the connection (webhooks contract 3). */
const RESERVED = new Set([
  'host',
  'connection',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const RESERVED_PREFIXES = ['content-', 'webhook-', 'x-signalbox-', 'proxy-']

/** Reads `webhooks.headers`, with every template filled (webhooks contract 4). */
export function readWebhookHeaders(
  webhooks: PlacedBlock,
  environment: Environment,
  findings: Findings,
): WebhookHeader[] {
  const place = webhooks.place.child('headers')
  const headers = webhooks.block['headers']
  const resolver = new HeaderValues(readPrefix(webhooks, findings), environment, findings)
  if (headers === undefined) return []
  if (!isJsonObject(headers)) {
    findings.fault(place, 'must be an object of strings', 'Write { "X-Name": "value" }.')
    return []
  }
  judgeNames(headers, place, findings)
  return Object.entries(headers).flatMap(([name, value]) => resolver.resolve(name, value, place.child(name)) ?? [])
}

function readPrefix({ block, place }: PlacedBlock, findings: Findings): string {
  const prefix = textOf(block, 'env_prefix') ?? DEFAULT_PREFIX
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(prefix)) return prefix
  const problem =
    prefix === '' ? 'is empty, which would open every variable to headers' : 'cannot begin a variable name'
  findings.fault(place.child('env_prefix'), problem, `Leave it out for ${DEFAULT_PREFIX}.`)
  return DEFAULT_PREFIX
}

function judgeNames(headers: Block, place: Place, findings: Findings): void {
  const seen = new Map<string, string>()
  for (const name of Object.keys(headers)) {
    const problem = nameFault(name, seen.get(name.toLowerCase()))
    if (problem !== null) findings.fault(place.child(name), problem, 'Remove it or take another name.')
    seen.set(name.toLowerCase(), name)
  }
}

function nameFault(name: string, twin: string | undefined): string | null {
  const lower = name.toLowerCase()
  if (!isHeaderName(name)) return 'is not a legal header name'
  if (twin !== undefined) return `is the same header as "${twin}"`
  const isReserved = RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))
  return isReserved ? 'is a reserved header name' : null
}

/** Fills header values; no fault of it ever holds one. */
class HeaderValues {
  constructor(
    private readonly prefix: string,
    private readonly environment: Environment,
    private readonly findings: Findings,
  ) {}

  /** The header; null, with a fault, when it cannot be made. */
  resolve(name: string, template: unknown, place: Place): WebhookHeader | null {
    if (typeof template !== 'string') return this.#fault(place, 'must be a string', 'Write it in double quotes.')
    const parts = parseHeaderTemplate(template)
    if (parts === null) return this.#fault(place, 'has a malformed template', 'Write ${{ env.NAME }}.')
    const texts = parts.map((part) => this.#fill(part, place))
    if (texts.includes(null)) return null
    const value = texts.join('')
    const remedy = 'A value is one line of visible characters; mind a line break at the end of a variable.'
    if (!isHeaderValue(name, value)) return this.#fault(place, `has an illegal value${origin(parts)}`, remedy)
    const filled = parts.flatMap((part, at) => ('variable' in part ? (texts[at] ?? []) : []))
    return { name, value, filled }
  }

  #fill(part: TemplatePart, place: Place): string | null {
    if ('literal' in part) return part.literal
    const { variable } = part
    if (!variable.startsWith(this.prefix)) {
      const problem = `uses the variable ${variable}, which does not begin with ${this.prefix}`
      return this.#fault(place, problem, 'Rename the variable or change webhooks.env_prefix.')
    }
    const value = this.environment.value(variable)
    return value ?? this.#fault(place, `uses the variable ${variable}, which is not set`, `Set ${variable}.`)
  }

  #fault(place: Place, problem: string, remedy: string): null {
    this.findings.fault(place, problem, remedy)
    return null
  }
}

/** Names the variables that went into a value. */
function origin(parts: readonly TemplatePart[]): string {
  const names = parts.flatMap((part) => ('variable' in part ? [part.variable] : []))
  return names.length === 0 ? '' : ` (filled from ${[...new Set(names)].join(', ')})`
}

function isHeaderValue(name: string, value: string): boolean {
  try {
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}
