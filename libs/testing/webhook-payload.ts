/** How one field of the payload looks. */
type FieldRule = (value: unknown) => boolean

const isText: FieldRule = (value) => typeof value === 'string'
const isFlag: FieldRule = (value) => typeof value === 'boolean'
const isUuid: FieldRule = (value) => isText(value) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(value))
const isTime: FieldRule = (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value))
const isObject: FieldRule = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isAnything: FieldRule = (value) => value !== undefined
const isTextList: FieldRule = (value) => Array.isArray(value) && value.every(isText)
const orNull =
  (rule: FieldRule): FieldRule =>
  (value) =>
    value === null || rule(value)
const oneOf =
  (...texts: readonly string[]): FieldRule =>
  (value) =>
    texts.includes(String(value)) && isText(value)

/** The fields of the reference's payload (webhooks contract section 3, API contract 2.3); all of them are always there. */
const PAYLOAD: Readonly<Record<string, FieldRule>> = {
  run_id: isUuid,
  thread_id: isUuid,
  assistant_id: isUuid,
  created_at: isTime,
  updated_at: isTime,
  metadata: isObject,
  status: oneOf('success', 'error', 'timeout', 'interrupted', 'rollback'),
  kwargs: isObject,
  multitask_strategy: oneOf('reject', 'interrupt', 'rollback', 'enqueue'),
  run_started_at: orNull(isTime),
  run_ended_at: isTime,
  webhook_sent_at: isTime,
}

/** Those that are there where there is something to say; `values_omitted` is ours. */
const SOMETIMES: Readonly<Record<string, FieldRule>> = {
  values: isAnything,
  error: isText,
  values_omitted: oneOf('too_large'),
}

/** `kwargs`: the run as it was created; `input` is left out of a body that is too large without values. */
const KWARGS: Readonly<Record<string, FieldRule>> = {
  command: orNull(isObject),
  config: isObject,
  context: isObject,
  stream_mode: isTextList,
  interrupt_before: (value) => value === null || value === '*' || isTextList(value),
  interrupt_after: (value) => value === null || value === '*' || isTextList(value),
  webhook: isText,
  feedback_keys: orNull(isTextList),
  temporary: isFlag,
  subgraphs: isFlag,
  resumable: isFlag,
  durability: oneOf('sync', 'async', 'exit'),
}

/**
 * What of a webhook's body is not as receivers that were written for the reference expect it: a field that is missing,
 * of another type, or unheard of. Empty when the body is right.
 */
export function payloadFaults(body: Readonly<Record<string, unknown>>): string[] {
  const kwargs = (isObject(body['kwargs']) ? body['kwargs'] : {}) as Record<string, unknown>
  return [
    ...faults('', body, PAYLOAD, SOMETIMES),
    ...faults('kwargs.', kwargs, KWARGS, { input: isAnything }),
    ...contradictions(body, kwargs),
  ]
}

function faults(
  prefix: string,
  object: Readonly<Record<string, unknown>>,
  always: Readonly<Record<string, FieldRule>>,
  sometimes: Readonly<Record<string, FieldRule>>,
): string[] {
  const missing = Object.keys(always).filter((name) => !(name in object))
  const rules = { ...always, ...sometimes }
  const wrong = Object.entries(object).filter(([name, value]) => !rules[name]?.(value))
  return [
    ...missing.map((name) => `${prefix}${name} is missing`),
    ...wrong.map(([name, value]) => `${prefix}${name} is ${JSON.stringify(value)}`),
  ]
}

/** What the fields say together. */
function contradictions(body: Readonly<Record<string, unknown>>, kwargs: Readonly<Record<string, unknown>>): string[] {
  const failed = body['status'] === 'error' || body['status'] === 'timeout'
  const isOmitted = 'values_omitted' in body
  const rules: [boolean, string][] = [
    ['error' in body !== failed, `error beside the status ${String(body['status'])}`],
    [body['status'] === 'rollback' && 'values' in body, 'values of a run that was rolled back'],
    [body['run_started_at'] === null && 'values' in body, 'values of a run that never started'],
    [isOmitted && 'values' in body, 'values that are said to be left out'],
    [!isOmitted && !('input' in kwargs), 'kwargs.input is missing'],
    [timeOf(body['run_started_at']) > timeOf(body['run_ended_at']), 'an end before the start'],
  ]
  return rules.flatMap(([isBroken, fault]) => (isBroken ? [fault] : []))
}

/** In ms; NaN, which compares to nothing, where it is no time. */
function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : NaN
}
