import { Environment } from './environment.js'
import { Findings, Place } from './findings.js'
import { readBlocks } from './project-blocks.js'
import type { ServerMode, WebhookSettings } from './settings.js'
import { readWebhooks } from './webhooks-block.js'

/** What reading a `webhooks` block gave. */
export interface Outcome {
  readonly webhooks: WebhookSettings
  readonly faults: string[]
  readonly text: string
  readonly warnings: readonly string[]
}

/** Reads a `webhooks` block of the file `file`. */
export function readWebhooksBlock(
  webhooks: unknown,
  variables: Record<string, string> = {},
  mode: ServerMode = 'dev',
): Outcome {
  const findings = new Findings()
  const environment = new Environment(variables, { values: {}, place: new Place('file', 'env') }, findings)
  const blocks = readBlocks('file', { webhooks }, environment, findings)
  return {
    webhooks: readWebhooks(mode, blocks, environment, findings),
    faults: findings.faults.map(({ where, key, problem }) => `${where}: ${key} ${problem}`),
    text: JSON.stringify(findings.faults),
    warnings: findings.warnings,
  }
}
