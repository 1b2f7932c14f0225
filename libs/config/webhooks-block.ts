import { parseAllowedTarget } from './allowed-targets.js'
import { blockOf, flagOf } from './block.js'
import { DURATION_REMEDY, parseDurationMs } from './durations.js'
import type { Environment } from './environment.js'
import type { Findings } from './findings.js'
import type { ReplaceableBlocks } from './project-blocks.js'
import type { AllowedTarget, ServerMode, SigningSecret, WebhookSettings } from './settings.js'
import { parseSigningSecret } from './signing-secrets.js'
import { readWebhookHeaders } from './webhook-headers.js'
import { parseWebhookProxy, PROXY_REMEDY } from './webhook-proxy.js'
import { readUrlRules } from './webhook-url-rules.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Delays before the 2nd, 3rd, … attempt, in ms (webhooks contract 5). */
const DEFAULT_SCHEDULE_MS = [
  5 * SECOND,
  30 * SECOND,
  ...[2, 10, 30].map((minutes) => minutes * MINUTE),
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
]
const DEFAULT_MAX_BODY_BYTES = 5 * 1024 * 1024
const SECRETS = 'SIGNALBOX_WEBHOOK_SECRETS'
const ALLOW_HOSTS = 'SIGNALBOX_WEBHOOK_ALLOW_HOSTS'
const SCHEDULE = 'SIGNALBOX_WEBHOOK_RETRY_SCHEDULE'

/** Reads all about outgoing webhooks: the `webhooks` block, `http.disable_webhooks` and `SIGNALBOX_WEBHOOK_…`. */
export function readWebhooks(
  mode: ServerMode,
  { http, webhooks }: ReplaceableBlocks,
  environment: Environment,
  findings: Findings,
): WebhookSettings {
  const settings: WebhookSettings = {
    disabled: flagOf(http.block, 'disable_webhooks'),
    headers: readWebhookHeaders(webhooks, environment, findings),
    url: readUrlRules(blockOf(webhooks.block, 'url'), webhooks.place.child('url'), findings),
    allowedTargets: readAllowedTargets(environment, findings),
    secrets: readSecrets(environment, findings),
    proxy: environment.read(
      'SIGNALBOX_WEBHOOK_PROXY',
      null,
      parseWebhookProxy,
      'is not the URL of a proxy',
      PROXY_REMEDY,
    ),
    retryScheduleMs: environment.read(
      SCHEDULE,
      DEFAULT_SCHEDULE_MS,
      parseSchedule,
      'is not a schedule',
      SCHEDULE_REMEDY,
    ),
    timeoutMs: environment.durationMs('SIGNALBOX_WEBHOOK_TIMEOUT', 10 * SECOND),
    concurrency: environment.integer('SIGNALBOX_WEBHOOK_CONCURRENCY', 128, { min: 1 }),
    perHost: environment.integer('SIGNALBOX_WEBHOOK_PER_HOST', 16, { min: 1 }),
    maxBodyBytes: environment.integer('SIGNALBOX_WEBHOOK_MAX_BODY_BYTES', DEFAULT_MAX_BODY_BYTES, { min: 1 }),
    retentionMs: environment.durationMs('SIGNALBOX_WEBHOOK_RETENTION', 30 * DAY),
    inspector: environment.flag('SIGNALBOX_INSPECTOR', mode === 'dev'),
    allowPrivateNetworks: mode === 'dev',
  }
  if (mode === 'start') warnOfOpenTargets(settings, webhooks.place.child('url').child('allowed_domains').key, findings)
  return settings
}

const SCHEDULE_REMEDY = `Write delays with commas between, for example "1s,5s,1m". ${DURATION_REMEDY}`

function parseSchedule(text: string): number[] | null {
  const texts = text.split(',')
  const delays = texts.map(parseDurationMs).filter((delay): delay is number => delay !== null && delay > 0)
  return delays.length === texts.length ? delays : null
}

function readAllowedTargets(environment: Environment, findings: Findings): AllowedTarget[] {
  const remedy = 'Write exact hosts, addresses and CIDRs of /8 or longer, with commas between.'
  return entriesOf(environment, ALLOW_HOSTS).flatMap((entry, index) => {
    const parsed = parseAllowedTarget(entry)
    if (parsed.ok) return [parsed.target]
    findings.fault(environment.place(ALLOW_HOSTS), `(entry ${index + 1}) ${parsed.problem}`, remedy)
    return []
  })
}

/** `SIGNALBOX_WEBHOOK_SECRETS`, newest first. */
export function readSecrets(environment: Environment, findings: Findings): SigningSecret[] {
  const remedy = "Make one with: node -p \"'whsec_' + require('crypto').randomBytes(32).toString('base64')\""
  return entriesOf(environment, SECRETS).flatMap((entry, index) => {
    const parsed = parseSigningSecret(entry)
    if (parsed.ok) return [parsed.secret]
    findings.fault(environment.place(SECRETS), `(entry ${index + 1}) ${parsed.problem}`, remedy)
    return []
  })
}

function entriesOf(environment: Environment, name: string): string[] {
  const entries = environment.value(name)?.split(',') ?? []
  return entries.map((entry) => entry.trim())
}

/** Webhooks contract 4: what any URL that a caller names would receive. */
function warnOfOpenTargets({ headers, secrets, url }: WebhookSettings, key: string, findings: Findings): void {
  if (url.allowedDomains !== null) return
  const names = headers.filter((header) => header.filled.length > 0).map((header) => `the header ${header.name}`)
  const sent = [...(secrets.some(({ host }) => host === null) ? [`signatures by ${SECRETS}`] : []), ...names]
  if (sent.length === 0) return
  findings.warn(
    `Any URL that a caller names as webhook receives ${sent.join(', ')}: set ${key} to restrict the targets.`,
  )
}
