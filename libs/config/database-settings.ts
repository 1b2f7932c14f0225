import type { Environment } from './environment.js'
import type { Findings } from './findings.js'
import type { DatabaseSettings, ServerMode } from './settings.js'

const DEFAULT_POOL_SIZE = 10
const EMBEDDED_WARNING =
  'The embedded database is in use: it survives a killed process but not a power cut, and serves one process only. ' +
  'Set DATABASE_URI to a PostgreSQL server for production.'

/** What the embedded database would need. */
interface EmbeddedNeeds {
  readonly mode: ServerMode
  readonly dataDir: string
  /** Whether `store.index` is configured. */
  readonly vectors: boolean
}

/** `DATABASE_URI`, else `DATABASE_URL`, else the embedded database in the data folder. */
export function readDatabase(
  { mode, dataDir, vectors }: EmbeddedNeeds,
  environment: Environment,
  findings: Findings,
): DatabaseSettings {
  const name = environment.value('DATABASE_URI') === undefined ? 'DATABASE_URL' : 'DATABASE_URI'
  const uri = environment.read(
    name,
    null,
    postgresUri,
    'is not the address of a PostgreSQL server',
    'Write postgres://user:password@host:5432/database, with special characters of the password percent-encoded.',
  )
  const poolSize = environment.integer('SIGNALBOX_DATABASE_POOL', DEFAULT_POOL_SIZE, { min: 1, max: 1_000 })
  const preparedStatements = environment.flag('SIGNALBOX_PREPARED_STATEMENTS', true)
  if (uri !== null) return { kind: 'postgres', uri, poolSize, preparedStatements }
  if (mode === 'start') findings.warnOfDeployment(EMBEDDED_WARNING)
  return { kind: 'embedded', dir: dataDir, vectors }
}

function postgresUri(text: string): string | null {
  const uri = text.trim()
  return /^postgres(ql)?:\/\//i.test(uri) && URL.canParse(uri) ? uri : null
}
