/** When a round's server is killed. */
export type KillPlan =
  /** While it starts: migrations, the taking over of what the one before left. */
  | { readonly at: 'start'; readonly afterMs: number }
  /** Under load. */
  | { readonly at: 'moment'; readonly afterMs: number }
  /** As a webhook arrives, before it is answered: the delivery is in flight, others are being claimed. */
  | { readonly at: 'arrival'; readonly count: number }
  /** Just after a webhook was answered: before or while its outcome is stored. */
  | { readonly at: 'answer'; readonly count: number; readonly afterMs: number }

/** The plan of a round; every third kill but a few falls into the traffic of webhooks. */
export function planKill(random: () => number): KillPlan {
  const whole = (below: number) => Math.floor(random() * below)
  const dice = random()
  if (dice < 0.2) return { at: 'start', afterMs: whole(2_500) }
  if (dice < 0.5) return { at: 'moment', afterMs: whole(1_500) }
  if (dice < 0.75) return { at: 'arrival', count: 1 + whole(150) }
  return { at: 'answer', count: 1 + whole(150), afterMs: whole(6) }
}

/** As it stands in a test's story. */
export function describeKill(plan: KillPlan): string {
  return Object.values(plan).join(' ')
}
