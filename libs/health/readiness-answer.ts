/** What `GET /health/ready` tells. */
export interface ReadinessAnswer {
  readonly ok: boolean
  /** What is in the way, as errors of the API are told; absent when nothing is. */
  readonly detail?: string
  /** Each part that the process stands on: `up`, or what is wrong. */
  readonly parts: Readonly<Record<string, string>>
}

/**
 * `obstacle` is what of the process itself is in the way; `faults` what is wrong with each part. Null is nothing. A fault
 * of an optional part is told of and is in nobody's way: were every process to turn its clients away for it, a part that
 * all of them share would take the whole deployment with it.
 */
export function readinessAnswer(
  obstacle: string | null,
  faults: Readonly<Record<string, string | null>>,
  optional: ReadonlySet<string>,
): ReadinessAnswer {
  const away = Object.entries(faults).flatMap(([name, fault]) =>
    fault === null || optional.has(name) ? [] : [`${name} ${fault}`],
  )
  const reasons = [...(obstacle === null ? [] : [obstacle]), ...away]
  const parts = Object.fromEntries(Object.entries(faults).map(([name, fault]) => [name, fault ?? 'up']))
  if (reasons.length === 0) return { ok: true, parts }
  return { ok: false, detail: `Not ready: ${reasons.join('; ')}`, parts }
}
