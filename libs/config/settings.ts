import type { ProcessRole, RedisSettings } from './scale.js'

/** `dev` is `signalbox dev` (open defaults for a laptop), `start` is production. */
export type ServerMode = 'dev' | 'start'

/** An export of one of the user's modules, written `./file.ts:export` in `langgraph.json`. */
export interface ModuleExport {
  /** Absolute path of the module. */
  readonly file: string
  /** The export in it, for example `graph` or `default`. */
  readonly exportName: string
}

/** One graph of `langgraph.json`. */
export interface GraphSource extends ModuleExport {
  readonly graphId: string
  readonly description: string | null
}

/**
 * The database in force: in the process, under the data folder `dir`, or a PostgreSQL server. `uri` is a secret.
 * `vectors` loads pgvector into the embedded one, where `store.index` is configured; a server has it or not.
 */
export type DatabaseSettings =
  | { readonly kind: 'embedded'; readonly dir: string; readonly vectors?: boolean }
  | {
      readonly kind: 'postgres'
      readonly uri: string
      readonly poolSize: number
      /** `SIGNALBOX_PREPARED_STATEMENTS`: hot statements are parsed once for each connection. On when absent. */
      readonly preparedStatements?: boolean
    }

/** `http.cors` of `langgraph.json`; absent means any origin without credentials (contract 1.12). */
export interface CorsSettings {
  readonly origins: readonly string[]
  /** A regular expression that the whole origin must match; it compiles. */
  readonly originRegex: string | null
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly credentials: boolean
  readonly exposeHeaders: readonly string[]
  /** Seconds. */
  readonly maxAgeSeconds: number
}

/** Wildcard patterns (`*`) of header names; excludes win (contract 1.8). */
export interface HeaderPatterns {
  readonly includes: readonly string[]
  readonly excludes: readonly string[]
}

/** What `http.disable_…` can take away; `mcp`, `a2a` and `ui` have no routes yet. */
export const SWITCHABLE_RESOURCES = ['assistants', 'threads', 'runs', 'store', 'meta', 'mcp', 'a2a', 'ui'] as const

/** One of them. */
export type SwitchableResource = (typeof SWITCHABLE_RESOURCES)[number]

/** The project's own routes. */
export interface CustomRoutesSettings {
  /** `http.app`: a fetch-style app. */
  readonly app: ModuleExport
  /** `http.enable_custom_route_auth`: its routes are for authenticated callers alone. */
  readonly authenticated: boolean
  /** `http.middleware_order` is `auth_first`: who calls is found out before the app's middleware runs. */
  readonly authFirst: boolean
}

/** What the HTTP edge needs. */
export interface HttpSettings {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Without a trailing slash; empty when there is none. */
  readonly mountPrefix: string
  readonly bodyLimitBytes: number
  /** Event streams and waits that this process holds open at once (`SIGNALBOX_MAX_STREAMS`). */
  readonly maxStreams: number
  readonly cors: CorsSettings
  readonly configurableHeaders: HeaderPatterns
  /** Request headers that go into the log. */
  readonly loggingHeaders: HeaderPatterns
  /** Resources whose routes are not there. */
  readonly disabled: readonly SwitchableResource[]
  /** Null when there is no `http.app`. */
  readonly customRoutes: CustomRoutesSettings | null
}

/** How runs are executed. */
export interface RunSettings {
  /** Runs executed at once by this process (`SIGNALBOX_MAX_RUNS`). */
  readonly maxConcurrent: number
  /** Runs that may wait in the queue, of all threads, delayed ones too (`SIGNALBOX_MAX_PENDING_RUNS`). */
  readonly maxPending: number
  /** Of one thread, the one that is being executed too (`SIGNALBOX_MAX_PENDING_PER_THREAD`). */
  readonly maxPendingPerThread: number
  /** Time limit of one run in ms; null when there is none (`SIGNALBOX_RUN_TIMEOUT`). */
  readonly timeoutMs: number | null
  /** A graph that blocks the event loop for longer is warned of, in ms; 0 is never (`SIGNALBOX_BLOCK_WARNING`). */
  readonly blockWarningMs: number
  readonly leaseMs: number
  /** How long running work may go on after SIGTERM, in ms (`SIGNALBOX_SHUTDOWN_GRACE`). */
  readonly graceMs: number
  readonly maxAttempts: number
  /** How long a finished run's events are kept, in ms. */
  readonly eventRetentionMs: number
}

/** One configured header of outgoing webhooks. */
export interface WebhookHeader {
  readonly name: string
  readonly value: string
  /** What variables filled in, each one's whole text: never to be shown. Empty for a literal value. */
  readonly filled: readonly string[]
}

/** `webhooks.url` of `langgraph.json`, normalised (webhooks contract section 4). */
export interface WebhookUrlRules {
  /** Lower-case ASCII hosts or `*.suffix`; null means any public host. */
  readonly allowedDomains: readonly string[] | null
  readonly requireHttps: boolean
  /** Null means any port that is not on the fetch standard's bad-port list. */
  readonly allowedPorts: readonly number[] | null
  readonly disableLoopback: boolean
  readonly maxUrlLength: number
}

/** One entry of `SIGNALBOX_WEBHOOK_ALLOW_HOSTS`. */
export type AllowedTarget =
  | { readonly kind: 'host'; readonly host: string }
  /** An address is a CIDR of full length. `address` is the network in ipaddr.js's normal form. */
  | { readonly kind: 'cidr'; readonly address: string; readonly prefixLength: number }

/** One entry of `SIGNALBOX_WEBHOOK_SECRETS`. */
export interface SigningSecret {
  /** Exact host or `*.suffix` that this secret is for; null for the general ones. */
  readonly host: string | null
  /** The decoded key, at least 24 bytes. */
  readonly key: Buffer
}

/** `SIGNALBOX_WEBHOOK_PROXY`: the proxy that webhooks go through. */
export interface WebhookProxy {
  /** How the proxy itself is spoken to. */
  readonly scheme: 'http' | 'https'
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
  /** The value of `Proxy-Authorization`, a secret; null where the URL holds no user. */
  readonly authorization: string | null
}

/** Everything about outgoing webhooks. */
export interface WebhookSettings {
  /** `http.disable_webhooks`: no delivery row is made and pending ones rest. */
  readonly disabled: boolean
  readonly headers: readonly WebhookHeader[]
  readonly url: WebhookUrlRules
  readonly allowedTargets: readonly AllowedTarget[]
  /** Newest first. */
  readonly secrets: readonly SigningSecret[]
  /** Null: receivers are connected to directly. No variable but our own is looked at. */
  readonly proxy: WebhookProxy | null
  /** Delays before the 2nd, 3rd, … attempt, in ms. */
  readonly retryScheduleMs: readonly number[]
  /** One whole attempt, in ms. */
  readonly timeoutMs: number
  /** Open requests of this process, and to one host. */
  readonly concurrency: number
  readonly perHost: number
  readonly maxBodyBytes: number
  /** How long a delivery is kept after it has settled, in ms. */
  readonly retentionMs: number
  /** `dev`, or `SIGNALBOX_INSPECTOR=1`. */
  readonly inspector: boolean
  /** Opens loopback, RFC 1918, CGNAT and ULA targets; true in `dev` only. */
  readonly allowPrivateNetworks: boolean
}

/** `auth.cache` of `langgraph.json`: for how long an authenticator's answer holds. */
export interface AuthCacheSettings {
  /** The request headers that tell callers apart, in lower case. */
  readonly headers: readonly string[]
  readonly ttlMs: number
  /** Answers kept at most; the least recently used go first. */
  readonly maxEntries: number
}

/** Who is let in. */
export type AuthSettings =
  | { readonly kind: 'none' }
  /** `SIGNALBOX_API_KEYS`. */
  | { readonly kind: 'keys'; readonly keyHashes: readonly Buffer[] }
  /** `auth.path` of `langgraph.json`. */
  | {
      readonly kind: 'custom'
      /** An export that holds an `Auth` object. */
      readonly module: ModuleExport
      /** Whether Studio is asked like everybody else, in `dev` too. */
      readonly disableStudioAuth: boolean
      /** Null: the authenticator is asked each time. */
      readonly cache: AuthCacheSettings | null
    }

/** `auth.openapi` of `langgraph.json`, as OpenAPI has it. */
export interface AuthDocument {
  readonly securitySchemes: Readonly<Record<string, unknown>>
  readonly security: readonly unknown[]
}

/** `store.index` of `langgraph.json`: how items are found by their meaning. */
export interface StoreIndexSettings {
  /** The length of every vector that `embed` gives. */
  readonly dims: number
  /** The user's function from texts to vectors. */
  readonly embed: ModuleExport
  /** Paths of the texts in an item's value; `$` is the whole value. */
  readonly fields: readonly string[]
}

/** The long-term memory of graphs (contract 14, `store`). */
export interface StoreSettings {
  /** Null when items are not found by meaning. */
  readonly index: StoreIndexSettings | null
  /** Lifetime of items that are put without one, in minutes; null is for ever. */
  readonly defaultTtlMinutes: number | null
  /** Whether a read that does not say so itself begins an item's lifetime anew. */
  readonly refreshOnRead: boolean
  /** How often expired items are removed, in minutes. */
  readonly sweepIntervalMinutes: number
}

/** What becomes of a thread whose time is over: it goes, or loses all but its latest checkpoints. */
export const THREAD_TTL_STRATEGIES = ['delete', 'keep_latest'] as const

/** The longest lifetime of a thread: a hundred years. */
export const MAX_THREAD_TTL_MINUTES = 100 * 365 * 24 * 60

/** How long a thread lives. */
export interface ThreadTtl {
  readonly strategy: (typeof THREAD_TTL_STRATEGIES)[number]
  readonly minutes: number
}

/** `checkpointer.ttl` of `langgraph.json`: the lifetime of threads (contract 14). */
export interface ThreadTtlSettings {
  /** For threads that are made without one of their own; null is for ever. */
  readonly default: ThreadTtl | null
  /** How often threads whose time is over are looked for. */
  readonly sweepIntervalMinutes: number
  /** How many of them one sweep takes. */
  readonly sweepLimit: number
}

/** Assistant defaults of a graph from `LANGGRAPH_CONFIG` (contract 3.1). */
export interface AssistantDefaults {
  readonly config: Readonly<Record<string, unknown>>
  readonly context: Readonly<Record<string, unknown>>
}

/**
 * The whole configuration: validated, with every default in it, deeply frozen. The injection token is this class.
 * Secrets (`database.uri`, `redis.uri`, `adminKey`, `webhooks.headers[].value`, `webhooks.secrets`,
 * `webhooks.proxy.authorization`, `environment`) never leave by log, answer or error.
 */
export abstract class Settings {
  readonly mode: ServerMode
  /** Absolute path of `langgraph.json`. */
  readonly configFile: string
  /** The variables in force that replace a block of it (webhooks contract 4), for example `LANGGRAPH_WEBHOOKS`. */
  readonly configVariables: readonly string[]
  /** The folder it stands in; its paths are relative to this. */
  readonly projectDir: string
  readonly graphs: readonly GraphSource[]
  /** `env` of `langgraph.json`, to be put under `process.env` for graphs where no real variable stands. */
  readonly environment: Readonly<Record<string, string>>
  readonly dataDir: string
  readonly database: DatabaseSettings
  /** `SIGNALBOX_ROLE` or `--role`. */
  readonly role: ProcessRole
  /** `REDIS_URI`: this process may be one of several on the database. Null: it is the only one. */
  readonly redis: RedisSettings | null
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly http: HttpSettings
  readonly runs: RunSettings
  readonly webhooks: WebhookSettings
  readonly store: StoreSettings
  readonly threadTtl: ThreadTtlSettings
  readonly assistantDefaults: Readonly<Record<string, AssistantDefaults>>
  /** How long reading the types of graphs from their source may take, in ms (`LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS`). */
  readonly schemaTimeoutMs: number
  readonly auth: AuthSettings
  /** What `auth.openapi` adds to the description of the API. */
  readonly authDocument: AuthDocument
  /** `SIGNALBOX_ADMIN_KEY`; null when unset. */
  readonly adminKey: string | null
  /** Sentences to be logged once at start. */
  readonly warnings: readonly string[]
}
