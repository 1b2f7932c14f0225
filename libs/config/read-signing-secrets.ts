import { ConfigFaults } from './config-faults.js'
import { readEnvBlock } from './env-block.js'
import { Environment, type Variables } from './environment.js'
import { Findings } from './findings.js'
import { readProjectFile } from './read-project-file.js'
import type { SigningSecret } from './settings.js'
import { readSecrets } from './webhooks-block.js'

/**
 * The signing secrets alone, for who only verifies: from the environment, or from `env` of `langgraph.json` where there
 * is one. @throws ConfigFaults when one of them is none.
 */
export function readSigningSecrets(configFile: string | null, variables: Variables): SigningSecret[] {
  const findings = new Findings()
  const file = configFile === null ? null : readProjectFile(configFile, findings)
  const block = readEnvBlock(file?.['env'], configFile ?? '', findings)
  const secrets = readSecrets(new Environment(variables, block, findings), findings)
  if (findings.faults.length > 0) throw new ConfigFaults(findings.faults)
  return secrets
}
