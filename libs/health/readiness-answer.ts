/** What `GET /health/ready` tells. */
export interface ReadinessAnswer {
  readonly ok: boolean
  /** What is in the way, as errors of the API are told; absent when nothing is. */
  readonly detail?: string
  /** Each part that the process cannot serve without: `up`, or what is wrong. */
  readonly parts: Readonly<Record<string, string>>
}

/** `obstacle` is what of the process itself is in the way; `faults` what is wrong with each part. Null is nothing. */
export function readinessAnswer(
  obstacle: string | null,
  faults: Readonly<Record<string, string | null>>,
): ReadinessAnswer {
  const away = Object.entries(faults).flatMap(([name, fault]) => (fault === null ? [] : [`${name} ${fault}`]))
  const reasons = [...(obstacle === null ? [] : [obstacle]), ...away]
  const parts = Object.fromEntries(Object.entries(faults).map(([name, fault]) => [name, fault ?? 'up']))
  if (reasons.length === 0) return { ok: true, parts }
  return { ok: false, detail: `Not ready: ${reasons.join('; ')}`, parts }
}
