import { shownConfig } from '#graphs'
import type { AssistantVersionFields } from './assistant-version.entity.js'
import type { Assistant } from './assistant.entity.js'

/** What `select` may name (contract 1.13). */
export const ASSISTANT_FIELDS = [
  'assistant_id',
  'graph_id',
  'name',
  'description',
  'config',
  'context',
  'created_at',
  'updated_at',
  'metadata',
  'version',
] as const

/** An assistant as clients see it (contract 2.1). */
export type WireAssistant = Record<(typeof ASSISTANT_FIELDS)[number], unknown>

/** The assistant in its wire form. */
export function toWireAssistant(assistant: Assistant): WireAssistant {
  return {
    assistant_id: assistant.assistantId,
    graph_id: assistant.graphId,
    name: assistant.name,
    description: assistant.description,
    config: shownConfig(assistant.config),
    context: assistant.context,
    created_at: assistant.createdAt.toISOString(),
    updated_at: assistant.updatedAt.toISOString(),
    metadata: assistant.metadata,
    version: assistant.version,
  }
}

/** A version as clients see it: it never changes, so it has no `updated_at`. */
export type WireAssistantVersion = Omit<WireAssistant, 'updated_at'>

/** The version in its wire form. */
export function toWireVersion(version: AssistantVersionFields): WireAssistantVersion {
  const { updated_at: _none, ...wire } = toWireAssistant({ ...version, updatedAt: version.createdAt })
  return wire
}
