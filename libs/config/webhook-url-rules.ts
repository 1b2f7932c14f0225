import { type Block, flagOf, numberOf, textsOf } from './block.js'
import { parseDomainPattern } from './domain-pattern.js'
import type { Findings, Place } from './findings.js'
import type { WebhookUrlRules } from './settings.js'

const DEFAULT_MAX_URL_LENGTH = 2048
const DOMAIN_REMEDY = 'Write an exact host ("api.example.com") or "*.example.com".'

/** Reads `webhooks.url` (webhooks contract 4). */
export function readUrlRules(url: Block, place: Place, findings: Findings): WebhookUrlRules {
  return {
    allowedDomains: readDomains(url, place.child('allowed_domains'), findings),
    requireHttps: flagOf(url, 'require_https'),
    allowedPorts: readPorts(url['allowed_ports'], place.child('allowed_ports'), findings),
    disableLoopback: flagOf(url, 'disable_loopback'),
    maxUrlLength: readMaxLength(url, place.child('max_url_length'), findings),
  }
}

function readDomains(url: Block, place: Place, findings: Findings): readonly string[] | null {
  const entries = textsOf(url, 'allowed_domains')
  if (entries === undefined) return null
  if (entries.length === 0) findings.fault(place, 'is empty, which would refuse every host', DOMAIN_REMEDY)
  const patterns = entries.map((entry, index) => {
    const parsed = parseDomainPattern(entry)
    if (!parsed.ok) findings.fault(place.item(index), parsed.problem, DOMAIN_REMEDY)
    return parsed.ok ? parsed.pattern : entry
  })
  return [...new Set(patterns)]
}

function readPorts(value: unknown, place: Place, findings: Findings): readonly number[] | null {
  if (value === undefined) return null
  if (Array.isArray(value) && value.length > 0 && value.every(isPort)) return [...new Set(value)]
  findings.fault(place, 'must be a list of at least one port from 1 to 65535', 'Write [443], for example.')
  return null
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
}

function readMaxLength(url: Block, place: Place, findings: Findings): number {
  const length = numberOf(url, 'max_url_length') ?? DEFAULT_MAX_URL_LENGTH
  if (Number.isInteger(length) && length >= 1) return length
  findings.fault(
    place,
    'must be a whole number of characters, 1 or more',
    `Leave it out for ${DEFAULT_MAX_URL_LENGTH}.`,
  )
  return DEFAULT_MAX_URL_LENGTH
}
