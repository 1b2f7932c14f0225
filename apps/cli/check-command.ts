import 'reflect-metadata'
import { relative } from 'node:path'
import { CustomAuth } from '#auth'
import { type AuthSettings, type ConfigFault, ConfigFaults, examineSettings, type Settings } from '#config'
import { GraphRegistry, GraphStore, TsxImporter, UserModules } from '#graphs'
import { loadProject } from '../server/load-project.js'
import { tellStartFault } from '../server/start-faults.js'
import type { ConfigOptions } from './program.js'

/** How long a loaded graph's own timers and sockets may keep the process, in ms. */
const LAST_RESORT_MS = 500

/** `signalbox check`: exit code 0 when `signalbox start` would find nothing to refuse in configuration, graphs and authentication; lists their faults. */
export async function check({ config }: ConfigOptions): Promise<void> {
  const { settings, faults, warnings } = examineSettings({
    mode: 'start',
    configFile: config,
    environment: process.env,
  })
  if (faults.length > 0) fail(new ConfigFaults(faults))
  if (settings.graphs.length === 0 || faults.some(isOfGraphs)) process.stderr.write(GRAPHS_LEFT_OUT)
  else await loadModules(settings, { withAuth: !faults.some(isOfAuth) })
  if (process.exitCode === undefined) process.stdout.write(summary(settings, warnings))
  setTimeout(() => process.exit(), LAST_RESORT_MS).unref()
}

const GRAPHS_LEFT_OUT = 'The graphs were not loaded: mend the faults of "graphs" first.\n'

/** Whether a fault is of the list of graphs, so that loading them would only tell it twice. */
function isOfGraphs({ key }: ConfigFault): boolean {
  return /^graphs(?![\w$-])/.test(key)
}

/** The same of `auth`, also where `LANGGRAPH_AUTH` has replaced the block. */
function isOfAuth({ key }: ConfigFault): boolean {
  return /^(auth|LANGGRAPH_AUTH)(?![\w$-])/.test(key)
}

async function loadModules(settings: Settings, { withAuth }: { readonly withAuth: boolean }): Promise<void> {
  const importer = new TsxImporter(settings)
  const graphs = () => new GraphRegistry(settings, importer, new GraphStore()).load()
  const auth = () => new CustomAuth().load(settings.auth, new UserModules(settings, importer))
  await loadProject(withAuth ? [graphs, auth] : [graphs]).catch(fail)
}

function fail(error: unknown): void {
  tellStartFault(error)
  process.exitCode = 1
}

function summary({ graphs, configFile, auth, projectDir }: Settings, warnings: readonly string[]): string {
  const ids = graphs.map(({ graphId }) => graphId).join(', ')
  const notes = warnings.map((warning) => `warning: ${warning}\n`).join('')
  const loaded = `${graphs.length} of ${graphs.length} graphs load (${ids})`
  return `${notes}ok: ${configFile} is valid, ${loaded}\nauthentication: ${authenticationOf(auth, projectDir)}\n`
}

/** Who is let in, so that a variable that has not arrived is noticed. */
function authenticationOf(auth: AuthSettings, projectDir: string): string {
  if (auth.kind === 'none') return 'none'
  if (auth.kind === 'custom') return `by ${relative(projectDir, auth.module.file)}`
  return `by API keys (${auth.keyHashes.length})`
}
