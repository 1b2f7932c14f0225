import type { ThreadState } from '#graphs'
import { invalidRequest, isJsonObject } from '#kernel'

/** What `select` of a state may name, beside `values.<key>` (streaming protocol 11.2). */
const STATE_FIELDS = [
  'values',
  'next',
  'tasks',
  'checkpoint',
  'metadata',
  'created_at',
  'parent_checkpoint',
  'interrupts',
]
const VALUE_KEY = /^values\.(.+)$/s

/**
 * How states are narrowed to what `select` names; an absent or empty selection takes all. A key that the values do not
 * have is left out.
 * @throws AppError `invalid_request` naming the unknown member.
 */
export function stateSelection(
  select: readonly string[] | null | undefined,
): (state: ThreadState) => Partial<ThreadState> {
  if (!select?.length) return (state) => state
  const keys = new Set(select.map((member) => VALUE_KEY.exec(member)?.[1]).filter((key) => key !== undefined))
  const fields = new Set(select.filter((member) => !VALUE_KEY.test(member)))
  const unknown = [...fields].find((field) => !STATE_FIELDS.includes(field))
  if (unknown !== undefined) {
    throw invalidRequest(`select: unknown field "${unknown}"; one of ${STATE_FIELDS.join(', ')}, values.<key>`)
  }
  return (state) => {
    const picked: Partial<ThreadState> = Object.fromEntries(Object.entries(state).filter(([key]) => fields.has(key)))
    return fields.has('values') || keys.size === 0 ? picked : { ...picked, values: pickKeys(state.values, keys) }
  }
}

function pickKeys(values: unknown, keys: ReadonlySet<string>): unknown {
  if (!isJsonObject(values)) return {}
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.has(key)))
}
