import { dirname, resolve } from 'node:path'
import { readAssistantDefaults } from './assistant-defaults.js'
import { readAuth } from './auth-block.js'
import type { Block } from './block.js'
import { conceal, deepFreeze } from './concealed.js'
import { readThreadTtl } from './checkpointer-block.js'
import { type ConfigFault, ConfigFaults } from './config-faults.js'
import { readDatabase } from './database-settings.js'
import { readEnvBlock } from './env-block.js'
import { Environment, type Variables } from './environment.js'
import { Findings } from './findings.js'
import { readGraphs } from './graphs-block.js'
import { readHttp } from './http-block.js'
import { judgeVariableNames } from './known-variables.js'
import { type ReplaceableBlock, readBlocks } from './project-blocks.js'
import { readProjectFile } from './read-project-file.js'
import { readRuns } from './run-settings.js'
import type { ServerMode, Settings } from './settings.js'
import { readScale } from './scale-settings.js'
import { readStore } from './store-block.js'
import { judgeUnbuilt } from './unbuilt.js'
import { readWebhooks } from './webhooks-block.js'

/** What the command line and the process bring. */
export interface SettingsRequest {
  readonly mode: ServerMode
  /** Path of `langgraph.json`; a relative one is taken from the working folder. */
  readonly configFile: string
  /** `process.env`. It is read, never changed. */
  readonly environment: Variables
  /** The options of the command line win over variables. */
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Relative to the folder of the configuration file. */
  readonly dataDir?: string | undefined
  readonly role?: string | undefined
}

/** What `examineSettings` found. */
export interface ExaminedSettings {
  /** As far as they could be read: to be used only where there is no fault. */
  readonly settings: Settings
  readonly faults: readonly ConfigFault[]
  /** Of the configuration alone: without those that concern a server that is being started. */
  readonly warnings: readonly string[]
}

/**
 * Reads `langgraph.json`, its dotenv file and the environment; touches nothing else, beside looking whether the graphs'
 * files exist. What is not built yet is judged here too (`judgeUnbuilt`).
 */
export function examineSettings(request: SettingsRequest): ExaminedSettings {
  const configFile = resolve(request.configFile)
  const findings = new Findings()
  const file = readProjectFile(configFile, findings)
  const settings = assemble(request, configFile, file ?? {}, findings, file !== null)
  return { settings: deepFreeze(hideSecrets(settings)), faults: findings.faults, warnings: findings.warnings }
}

/** The settings as `examineSettings` reads them. @throws ConfigFaults with every fault at once. */
export function loadSettings(request: SettingsRequest): Settings {
  const { settings, faults } = examineSettings(request)
  if (faults.length > 0) throw new ConfigFaults(faults)
  return settings
}

function assemble(
  request: SettingsRequest,
  configFile: string,
  file: Block,
  findings: Findings,
  isFileRead: boolean,
): Settings {
  const { mode } = request
  const projectDir = dirname(configFile)
  const env = readEnvBlock(file['env'], configFile, findings)
  const environment = new Environment(request.environment, env, findings)
  const blocks = readBlocks(configFile, file, environment, findings)
  judgeUnbuilt(configFile, file, blocks, environment, findings)
  judgeVariableNames(environment, findings)
  const graphs = isFileRead ? readGraphs(file, configFile, findings) : []
  const store = readStore(blocks.store, projectDir, findings)
  const dataDir = resolve(projectDir, request.dataDir ?? environment.value('SIGNALBOX_DATA_DIR') ?? '.signalbox')
  const database = readDatabase({ mode, dataDir, vectors: store.index !== null }, environment, findings)
  const scale = readScale(request.role, database, environment, findings)
  const http = readHttp(blocks.http, { ...request, projectDir }, environment, findings)
  return {
    mode,
    configFile,
    configVariables: Object.values(blocks).flatMap(({ variable }: ReplaceableBlock) => variable ?? []),
    projectDir,
    graphs,
    environment: env.values,
    dataDir,
    database,
    ...scale,
    logLevel: environment.read('SIGNALBOX_LOG_LEVEL', 'info', logLevel, 'is not a log level', LOG_LEVEL_REMEDY),
    http,
    runs: readRuns(environment),
    webhooks: readWebhooks(mode, blocks, environment, findings),
    store,
    threadTtl: readThreadTtl(blocks.checkpointer, findings),
    assistantDefaults: readAssistantDefaults(isFileRead ? graphs : [], environment, findings),
    schemaTimeoutMs: environment.integer('LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS', 30_000, { min: 1, max: 600_000 }),
    ...readAuth(blocks.auth, { mode, projectDir, role: scale.role, host: http.host }, environment, findings),
    adminKey: environment.read('SIGNALBOX_ADMIN_KEY', null, adminKey, 'cannot be sent in a header', ADMIN_KEY_REMEDY),
    warnings: [...findings.deploymentWarnings, ...findings.warnings],
  }
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
const LOG_LEVEL_REMEDY = `Set it to one of ${LOG_LEVELS.join(', ')}.`
const ADMIN_KEY_REMEDY = 'Use visible ASCII characters without spaces.'

function logLevel(text: string): Settings['logLevel'] | null {
  return LOG_LEVELS.find((level) => level === text.trim().toLowerCase()) ?? null
}

function adminKey(text: string): string | null {
  return /^[\x21-\x7e]+$/.test(text) ? text : null
}

function hideSecrets(settings: Settings): Settings {
  if (settings.database.kind === 'postgres') conceal(settings.database, 'uri')
  if (settings.redis !== null) conceal(settings.redis, 'uri')
  for (const header of settings.webhooks.headers) conceal(header, 'value', 'filled')
  for (const secret of settings.webhooks.secrets) conceal(secret, 'key')
  if (settings.webhooks.proxy !== null) conceal(settings.webhooks.proxy, 'authorization')
  if (settings.auth.kind === 'keys') conceal(settings.auth, 'keyHashes')
  return conceal(settings, 'adminKey', 'environment', 'assistantDefaults')
}
