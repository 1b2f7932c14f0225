import type { Chance } from './chance.js'
import { KNOWN_WORDS, ODD_TEXTS, ODD_VALUES } from './odd-values.js'

/** A copy with one to three faults, anywhere in it. */
export function mutate(value: unknown, chance: Chance): unknown {
  let mutated = structuredClone(value)
  for (let faults = 1 + chance.below(3); faults > 0; faults -= 1) mutated = withFault(mutated, chance)
  return mutated
}

function withFault(value: unknown, chance: Chance): unknown {
  if (!isContainer(value) || chance.percent(5)) return oddValue(chance)
  const keys = Object.keys(value)
  const key = keys.length > 0 ? chance.of(keys) : null
  const kind = chance.below(10)
  if (key === null || kind === 0) return put(value, oddKey(chance), oddValue(chance))
  if (kind === 1) return without(value, key)
  if (kind === 2) return put(value, key, [Reflect.get(value, key)])
  if (kind === 3) return put(value, key, Reflect.get(value, chance.of(keys)))
  const inner: unknown = Reflect.get(value, key)
  if (kind < 7 && isContainer(inner)) return put(value, key, withFault(inner, chance))
  return put(value, key, oddValue(chance))
}

function oddValue(chance: Chance): unknown {
  if (chance.percent(25)) return chance.of(KNOWN_WORDS)
  if (chance.percent(5)) return chance.uuid()
  return structuredClone(chance.of(ODD_VALUES))
}

function oddKey(chance: Chance): string {
  return chance.percent(50) ? chance.of(KNOWN_WORDS) : chance.of(ODD_TEXTS)
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function put(container: object, key: string, value: unknown): object {
  if (Array.isArray(container)) container.push(value)
  // Not by assignment, which `__proto__` would turn into something else.
  else Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true })
  return container
}

function without(container: object, key: string): object {
  Reflect.deleteProperty(container, key)
  return container
}
