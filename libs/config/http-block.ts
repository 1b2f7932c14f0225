import { isIP } from 'node:net'
import { blockOf, textOf, textsOf } from './block.js'
import { readCors } from './cors-block.js'
import { readCustomRoutes, readDisabled } from './custom-routes-block.js'
import { type Environment, integerOf, integerRule } from './environment.js'
import { type Findings, Place } from './findings.js'
import { isHeaderName } from './header-names.js'
import type { PlacedBlock } from './project-blocks.js'
import type { HeaderPatterns, HttpSettings } from './settings.js'

const DEFAULT_PORT = 8123
const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_BODY_LIMIT_BYTES = 10 * 1024 * 1024
const DEFAULT_MAX_STREAMS = 10_000
const PORT_RANGE = { min: 0, max: 65_535 }
const PREFIX = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/

/** What the command line says about listening; it wins over every variable. */
export interface ListenOptions {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

/** Reads the `http` block and where to listen. */
export function readHttp(
  { block, place }: PlacedBlock,
  options: ListenOptions & { readonly projectDir: string },
  environment: Environment,
  findings: Findings,
): HttpSettings {
  return {
    host: readHost(options, environment, findings),
    port: readPort(options, environment, findings),
    mountPrefix: readMountPrefix(textOf(block, 'mount_prefix'), place.child('mount_prefix'), findings),
    bodyLimitBytes: environment.integer('SIGNALBOX_BODY_LIMIT', DEFAULT_BODY_LIMIT_BYTES, { min: 1 }),
    maxStreams: environment.integer('SIGNALBOX_MAX_STREAMS', DEFAULT_MAX_STREAMS, { min: 1 }),
    cors: readCors(blockOf(block, 'cors'), place.child('cors'), findings),
    configurableHeaders: readPatterns({ block, place }, 'configurable_headers', findings),
    loggingHeaders: readPatterns({ block, place }, 'logging_headers', findings),
    disabled: readDisabled({ block, place }),
    customRoutes: readCustomRoutes({ block, place }, options.projectDir, findings),
  }
}

function readHost(options: ListenOptions, environment: Environment, findings: Findings): string {
  const problem = 'is neither an address nor a host name'
  const remedy = 'Write 127.0.0.1 for this machine alone, 0.0.0.0 for every network.'
  if (options.host === undefined) return environment.read('SIGNALBOX_HOST', DEFAULT_HOST, hostOf, problem, remedy)
  const host = hostOf(options.host)
  if (host === null) findings.fault(new Place('command line', '--host'), problem, remedy)
  return host ?? DEFAULT_HOST
}

function hostOf(text: string): string | null {
  const host = text.trim().replace(/^\[(.*)\]$/, '$1')
  return isIP(host) !== 0 || HOST_NAME.test(host) ? host : null
}

/** `--port`, `SIGNALBOX_PORT`, `PORT`, 8123. */
function readPort(options: ListenOptions, environment: Environment, findings: Findings): number {
  if (options.port === undefined) return readPortVariable(environment)
  const port = integerOf(String(options.port), PORT_RANGE)
  const place = new Place('command line', '--port')
  if (port === null) findings.fault(place, integerRule(PORT_RANGE), '0 takes a free port.')
  return port ?? DEFAULT_PORT
}

function readPortVariable(environment: Environment): number {
  const ownIsSet = environment.value('SIGNALBOX_PORT') !== undefined && !isServiceLink(environment)
  return environment.integer(ownIsSet ? 'SIGNALBOX_PORT' : 'PORT', DEFAULT_PORT, PORT_RANGE)
}

/** Kubernetes sets `SIGNALBOX_PORT=tcp://…` in every pod beside a service that is named `signalbox`. */
function isServiceLink(environment: Environment): boolean {
  return environment.value('SIGNALBOX_PORT')?.startsWith('tcp://') === true
}

function readMountPrefix(text: string | undefined, place: Place, findings: Findings): string {
  const prefix = (text ?? '').replace(/\/$/, '')
  if (prefix === '' || PREFIX.test(prefix)) return prefix
  findings.fault(
    place,
    'is not a path prefix',
    'Write "/name" or "/name/name", in letters, digits, ".", "_", "~" and "-".',
  )
  return ''
}

function readPatterns({ block, place }: PlacedBlock, key: string, findings: Findings): HeaderPatterns {
  const patterns = blockOf(block, key)
  const read = (list: string): string[] => {
    const entries = textsOf(patterns, list) ?? []
    entries.forEach((pattern, index) => {
      if (isHeaderName(pattern)) return
      findings.fault(
        place.child(key).child(list).item(index),
        'is not a header name or pattern',
        'Write "x-name" or "x-*".',
      )
    })
    return entries.map((pattern) => pattern.toLowerCase())
  }
  return { includes: read('includes'), excludes: read('excludes') }
}
