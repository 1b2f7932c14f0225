import { isJsonObject } from '#kernel'

/** The path of the whole value. */
const WHOLE = '$'

/**
 * The texts at a path of a value, to be embedded: `title`, `meta.title`, `parts[*].text`, `parts[0]`, `parts[-1]`, `*`
 * for every field or element, `$` for the whole value. What is no text is written as JSON; what is missing gives none.
 */
export function textsAt(value: unknown, path: string): string[] {
  const steps = path.replaceAll('[', '.[').split('.').filter(Boolean)
  let found: unknown[] = [value]
  for (const step of steps[0] === WHOLE ? steps.slice(1) : steps) found = found.flatMap((at) => stepInto(at, step))
  return found.filter((at) => at !== null && at !== undefined && at !== '').map(asText)
}

function stepInto(value: unknown, step: string): unknown[] {
  const index = /^\[(\*|-?\d+)\]$/.exec(step)?.[1]
  if (Array.isArray(value)) {
    if (index === '*' || step === '*') return value
    return index === undefined ? [] : value.slice(Number(index)).slice(0, 1)
  }
  if (!isJsonObject(value) || index !== undefined) return []
  if (step === '*') return Object.values(value)
  return Object.hasOwn(value, step) ? [value[step]] : []
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
