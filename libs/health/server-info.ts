import { PACKAGE_VERSION } from '#kernel'

/** The answer of `GET /info` (contract section 10). */
export interface ServerInfo {
  readonly version: string
  readonly langgraph_js_version?: string
  readonly context: 'js'
  readonly flags: Readonly<Record<'assistants' | 'crons' | 'langsmith' | 'langsmith_tracing_replicas', boolean>>
  readonly host: { readonly kind: 'self-hosted'; project_id: null; revision_id: null; tenant_id: null }
  readonly metadata: Readonly<Record<string, never>>
}

/** What clients may expect of this server; a flag is true once the thing exists. */
export function serverInfo(libraryVersion: string | null): ServerInfo {
  return {
    version: PACKAGE_VERSION,
    ...(libraryVersion === null ? {} : { langgraph_js_version: libraryVersion }),
    context: 'js',
    flags: { assistants: true, crons: true, langsmith: false, langsmith_tracing_replicas: false },
    host: { kind: 'self-hosted', project_id: null, revision_id: null, tenant_id: null },
    metadata: {},
  }
}
