import { readFileSync } from 'node:fs'
import type { AuthDocument, HttpSettings } from '#config'
import { resourceOf } from '../edge/resource-of.js'

/** As much of an OpenAPI document as is read here. */
export interface ApiDocument {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, object>>
  readonly components?: { readonly securitySchemes?: Readonly<Record<string, unknown>> }
  readonly security?: readonly unknown[]
}

/** The document that the build has made (`scripts/openapi`); null where the source runs without a build. */
export function readApiDocument(): ApiDocument | null {
  try {
    return JSON.parse(readFileSync(new URL('openapi.json', import.meta.url), 'utf8')) as ApiDocument
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** The document for these settings: without routes that are switched off, below the mount prefix. */
export function documentFor(
  document: ApiDocument,
  { mountPrefix, disabled }: HttpSettings,
  auth: AuthDocument,
): ApiDocument {
  const isThere = ([path]: [string, object]): boolean => {
    const resource = resourceOf(path.split('/').slice(1))
    return resource === null || !disabled.includes(resource)
  }
  const paths = Object.fromEntries(Object.entries(document.paths).filter(isThere))
  return withSecurity({ ...document, servers: [{ url: mountPrefix || '/' }], paths }, auth)
}

/** As `auth.openapi` has it (contract 14); a scheme of the project's goes before one of ours of the same name. */
function withSecurity(document: ApiDocument, { securitySchemes, security }: AuthDocument): ApiDocument {
  const schemes = { ...document.components?.securitySchemes, ...securitySchemes }
  const components = {
    ...document.components,
    ...(Object.keys(schemes).length > 0 ? { securitySchemes: schemes } : {}),
  }
  return { ...document, components, ...(security.length > 0 ? { security } : {}) }
}
