import { inspect } from 'node:util'

const HIDDEN = '[hidden]'

/**
 * Hides fields of an object from `JSON.stringify`, `util.inspect` and everything that is built on them (loggers, error
 * reports). Reading them by name works as ever. Changes the object, which must not be frozen yet.
 */
export function conceal<Value extends object>(value: Value, ...secret: (keyof Value & string)[]): Value {
  const shown = (): Record<string, unknown> => {
    const entries = Object.entries(value).map(([key, field]: [string, unknown]) => {
      const hide = secret.some((name) => name === key) && field !== null
      return [key, hide ? HIDDEN : field]
    })
    return Object.fromEntries(entries)
  }
  return Object.defineProperties(value, { toJSON: { value: shown }, [inspect.custom]: { value: shown } })
}

/** Freezes an object and everything in it. (Bytes cannot be frozen and are left as they are.) */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const field of Object.values(value)) deepFreeze(field)
  return value
}
