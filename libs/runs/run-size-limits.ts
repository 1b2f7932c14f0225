import { invalidRequest, isJsonObject, type JsonObject } from '#kernel'

/** Most keys of a run's metadata and `configurable` together, and most tags. */
export const MAX_RUN_KEYS = 256

/**
 * Refuses a run whose merged config has more keys or tags than a graph can carry. LangChain copies metadata, the
 * `configurable` values and the tags for every step in a time that grows with the square of their number: 2,000 keys
 * would hold up the whole process for a minute.
 * @throws AppError `invalid_request` naming the field.
 */
export function requireCarriable(config: JsonObject, injected: JsonObject): void {
  const { metadata, configurable, tags } = config
  const keys = keysOf(metadata) + keysOf(configurable) + keysOf(injected)
  if (keys > MAX_RUN_KEYS) {
    throw invalidRequest(
      `metadata: together with config.configurable, and with those of the assistant and the thread, must have at most ${MAX_RUN_KEYS} keys, not ${keys}`,
    )
  }
  if (Array.isArray(tags) && tags.length > MAX_RUN_KEYS) {
    throw invalidRequest(`config.tags: must have at most ${MAX_RUN_KEYS} elements`)
  }
}

function keysOf(value: unknown): number {
  return isJsonObject(value) ? Object.keys(value).length : 0
}
