import type { Settings, WebhookSettings } from '#config'
import { MASK } from '../mask.js'

/** What is in force, without a single secret. */
export interface WireWebhookConfig {
  /** The project's file, in the folder of which the server was started. */
  readonly config_file: string
  /** The variables that replace its blocks here: `LANGGRAPH_WEBHOOKS`, `LANGGRAPH_HTTP`, or none. */
  readonly config_variables: readonly string[]
  /** `http.disable_webhooks`. */
  readonly disabled: boolean
  readonly url: WireUrlRules
  readonly headers: readonly WireHeader[]
  readonly signing: WireSigning
  /** Waits before the 2nd, 3rd, … attempt. */
  readonly retry_schedule_ms: readonly number[]
  readonly limits: WireLimits
  /** Whether the inspector is there. */
  readonly inspector: boolean
}

/** Where webhooks may go. */
interface WireUrlRules {
  /** Null is any public host. */
  readonly allowed_domains: readonly string[] | null
  readonly require_https: boolean
  /** Null is any port that browsers do not refuse. */
  readonly allowed_ports: readonly number[] | null
  readonly disable_loopback: boolean
  readonly max_url_length: number
  /** `SIGNALBOX_WEBHOOK_ALLOW_HOSTS`. */
  readonly allow_hosts: readonly string[]
  /** Private networks are open: `dev` only. */
  readonly allow_private_networks: boolean
}

interface WireHeader {
  readonly name: string
  /** Always masked. */
  readonly value: typeof MASK
  readonly from_environment: boolean
}

interface WireSigning {
  /** How many secrets sign for every host that has none of its own. */
  readonly general: number
  /** Hosts and `*.suffix` patterns with secrets of their own. */
  readonly hosts: readonly string[]
}

interface WireLimits {
  /** One whole attempt. */
  readonly timeout_ms: number
  readonly concurrency: number
  readonly per_host: number
  readonly max_body_bytes: number
}

type ConfigSource = Pick<Settings, 'configFile' | 'configVariables' | 'webhooks'>

const SOURCES = ['LANGGRAPH_HTTP', 'LANGGRAPH_WEBHOOKS']

/** The policy in force. */
export function toWireConfig({ configFile, configVariables, webhooks }: ConfigSource): WireWebhookConfig {
  return {
    config_file: configFile,
    config_variables: configVariables.filter((variable) => SOURCES.includes(variable)),
    disabled: webhooks.disabled,
    url: toWireUrlRules(webhooks),
    headers: webhooks.headers.map(({ name, filled }) => {
      return { name, value: MASK, from_environment: filled.length > 0 }
    }),
    signing: toWireSigning(webhooks),
    retry_schedule_ms: webhooks.retryScheduleMs,
    limits: {
      timeout_ms: webhooks.timeoutMs,
      concurrency: webhooks.concurrency,
      per_host: webhooks.perHost,
      max_body_bytes: webhooks.maxBodyBytes,
    },
    inspector: webhooks.inspector,
  }
}

function toWireUrlRules({ url, allowedTargets, allowPrivateNetworks }: WebhookSettings): WireUrlRules {
  return {
    allowed_domains: url.allowedDomains,
    require_https: url.requireHttps,
    allowed_ports: url.allowedPorts,
    disable_loopback: url.disableLoopback,
    max_url_length: url.maxUrlLength,
    allow_hosts: allowedTargets.map((target) =>
      target.kind === 'host' ? target.host : `${target.address}/${target.prefixLength}`,
    ),
    allow_private_networks: allowPrivateNetworks,
  }
}

function toWireSigning({ secrets }: WebhookSettings): WireSigning {
  const hosts = secrets.flatMap(({ host }) => (host === null ? [] : [host]))
  return { general: secrets.length - hosts.length, hosts: [...new Set(hosts)] }
}
