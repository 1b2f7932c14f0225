/** The type that a value must have. `texts` is a list of strings; `any` is judged by its own reader or not at all. */
export type Shape = 'text' | 'flag' | 'number' | 'texts' | 'any' | BlockShape

/** An object whose keys are known. */
export interface BlockShape {
  readonly keys: Readonly<Record<string, Shape>>
  /** Unknown keys and nulls are always faults, here and below; elsewhere null is the same as absent. */
  readonly strict?: true
  /** Further keys that are accepted and ignored. */
  readonly ignored?: RegExp
}

const HEADER_PATTERNS: BlockShape = { keys: { includes: 'texts', excludes: 'texts' } }

/** `http.cors`. */
const CORS: BlockShape = {
  keys: {
    allow_origins: 'texts',
    allow_origin_regex: 'text',
    allow_methods: 'texts',
    allow_headers: 'texts',
    allow_credentials: 'flag',
    expose_headers: 'texts',
    max_age: 'number',
  },
}

/** The `http` block (contract 14). */
export const HTTP_SHAPE: BlockShape = {
  keys: {
    app: 'text',
    disable_assistants: 'flag',
    disable_threads: 'flag',
    disable_runs: 'flag',
    disable_store: 'flag',
    disable_meta: 'flag',
    disable_mcp: 'flag',
    disable_a2a: 'flag',
    disable_ui: 'flag',
    disable_webhooks: 'flag',
    cors: CORS,
    configurable_headers: HEADER_PATTERNS,
    logging_headers: HEADER_PATTERNS,
    middleware_order: 'text',
    enable_custom_route_auth: 'flag',
    mount_prefix: 'text',
  },
}

/** The `webhooks` block (webhooks contract 4). */
export const WEBHOOKS_SHAPE: BlockShape = {
  strict: true,
  keys: {
    env_prefix: 'text',
    headers: 'any',
    url: {
      keys: {
        allowed_domains: 'texts',
        require_https: 'flag',
        allowed_ports: 'any',
        disable_loopback: 'flag',
        max_url_length: 'number',
      },
    },
  },
}

/** The `store` block (contract 14). */
export const STORE_SHAPE: BlockShape = {
  keys: {
    index: { keys: { dims: 'number', embed: 'any', fields: 'texts' } },
    ttl: { keys: { default_ttl: 'number', refresh_on_read: 'flag', sweep_interval_minutes: 'number' } },
  },
}

/** The `checkpointer` block (contract 14). */
export const CHECKPOINTER_SHAPE: BlockShape = {
  keys: {
    path: 'text',
    ttl: { keys: { strategy: 'text', default_ttl: 'number', sweep_interval_minutes: 'number', sweep_limit: 'number' } },
    serde: { keys: { allowed_json_modules: 'any', allowed_msgpack_modules: 'any', pickle_fallback: 'flag' } },
  },
}

/** The `auth` block (contract 14). */
export const AUTH_SHAPE: BlockShape = {
  keys: {
    path: 'text',
    disable_studio_auth: 'flag',
    openapi: { keys: { securitySchemes: 'any', security: 'any', paths: 'any' } },
    cache: { keys: { cache_keys: 'texts', ttl_seconds: 'number', max_size: 'number' } },
  },
}

/** One entry of `graphs` in its long form. */
export const GRAPH_SHAPE: BlockShape = { keys: { path: 'text', description: 'text' } }

/** The whole of `langgraph.json`: every key of the reference's schema (contract 14). */
export const FILE_SHAPE: BlockShape = {
  ignored: /^(pip_.+|\$schema|_INTERNAL_docker_tag)$/,
  keys: {
    graphs: 'any',
    env: 'any',
    http: HTTP_SHAPE,
    webhooks: WEBHOOKS_SHAPE,
    auth: AUTH_SHAPE,
    store: STORE_SHAPE,
    checkpointer: CHECKPOINTER_SHAPE,
    encryption: { keys: { path: 'text' } },
    ui: 'any',
    ui_config: { keys: { shared: 'texts' } },
    node_version: 'any',
    python_version: 'any',
    dependencies: 'any',
    dockerfile_lines: 'any',
    base_image: 'any',
    image_distro: 'any',
    api_version: 'any',
    source: 'any',
    keep_pkg_tools: 'any',
  },
}
