import type { Environment } from './environment.js'
import { type Findings, Place } from './findings.js'
import { type ProcessRole, PROCESS_ROLES, type RedisSettings } from './scale.js'
import type { DatabaseSettings } from './settings.js'

/** How this process stands beside others. */
interface ScaleSettings {
  readonly role: ProcessRole
  readonly redis: RedisSettings | null
}

/**
 * `SIGNALBOX_ROLE`, or the option of the command line, and `REDIS_URI`. Several processes need both a PostgreSQL server
 * and Redis (design section 2).
 */
export function readScale(
  roleOption: string | undefined,
  database: DatabaseSettings,
  environment: Environment,
  findings: Findings,
): ScaleSettings {
  const role = readRole(roleOption, environment, findings)
  const redis = readRedis(database, environment, findings)
  if (role !== 'all' && redis === null) {
    const where = roleOption === undefined ? environment.place('SIGNALBOX_ROLE') : new Place('command line', '--role')
    const missing = database.kind === 'postgres' ? 'REDIS_URI' : 'DATABASE_URI and REDIS_URI'
    const remedy = `Set ${missing}, or leave the role out: one process of the role "all" needs neither.`
    findings.fault(where, `"${role}" needs a PostgreSQL server and Redis`, remedy)
  }
  return { role, redis }
}

function readRole(option: string | undefined, environment: Environment, findings: Findings): ProcessRole {
  const rule = 'is not a role of a process'
  const remedy = `Set it to one of ${PROCESS_ROLES.join(', ')}.`
  if (option === undefined) return environment.read('SIGNALBOX_ROLE', 'all', roleOf, rule, remedy)
  const role = roleOf(option)
  if (role === null) findings.fault(new Place('command line', '--role'), rule, remedy)
  return role ?? 'all'
}

function roleOf(text: string): ProcessRole | null {
  return PROCESS_ROLES.find((role) => role === text.trim().toLowerCase()) ?? null
}

function readRedis(database: DatabaseSettings, environment: Environment, findings: Findings): RedisSettings | null {
  const uri = environment.read(
    'REDIS_URI',
    null,
    redisUri,
    'is not the address of a Redis server',
    'Write redis://user:password@host:6379/0, or rediss:// for TLS, with special characters of the password percent-encoded.',
  )
  if (uri === null || database.kind === 'postgres') return uri === null ? null : { uri }
  const { where } = environment.place('REDIS_URI')
  findings.warn(`${where}: REDIS_URI is not used with the embedded database, which serves one process only.`)
  return null
}

function redisUri(text: string): string | null {
  const uri = text.trim()
  if (!/^rediss?:\/\/[^/]/i.test(uri) || !URL.canParse(uri)) return null
  const url = new URL(uri)
  return /^(\/\d*)?$/.test(url.pathname) && isDecodable(url) ? uri : null
}

/** Whether the client can read user and password: a lone `%` in them is no text. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}
