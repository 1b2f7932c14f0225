import type { Durations, HostDetails } from './stats.repository.js'
import { type StatusCounts, successRateOf } from './status-counts.js'

/** What is told of all hosts and of each. */
interface WireFigures {
  /** Delivered among delivered and dead, 0 to 1; null when there are none. */
  readonly success_rate: number | null
  /** Durations of attempts, of the newest deliveries only; null when there were none. */
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  /** Since when the oldest due delivery waits, whenever it was created. */
  readonly oldest_due_at: string | null
}

/** One host. */
export interface WireHostStats extends WireFigures, StatusCounts {
  readonly host: string
  /** Null while it is closed. */
  readonly breaker: { readonly opened_at: string; readonly probe_at: string } | null
}

/** Figures of the deliveries that were created since then. */
export interface WireStats extends WireFigures {
  readonly since: string
  readonly by_status: StatusCounts
  /** The busiest first, at most 100. */
  readonly hosts: readonly WireHostStats[]
}

/** The figures of the whole, or of one host. */
export function toWireFigures(
  counts: StatusCounts,
  durations: Durations | null,
  oldestDueAt: Date | null,
): WireFigures {
  return {
    success_rate: successRateOf(counts),
    p50_ms: durations?.p50Ms ?? null,
    p95_ms: durations?.p95Ms ?? null,
    oldest_due_at: oldestDueAt?.toISOString() ?? null,
  }
}

/** The wire form of one host. */
export function toWireHostStats(host: string, counts: StatusCounts, details: HostDetails | null): WireHostStats {
  const { openedAt = null, probeAt = null } = details ?? {}
  const isOpen = openedAt !== null && probeAt !== null
  return {
    host,
    ...counts,
    ...toWireFigures(counts, details, details?.oldestDueAt ?? null),
    breaker: isOpen ? { opened_at: openedAt.toISOString(), probe_at: probeAt.toISOString() } : null,
  }
}
