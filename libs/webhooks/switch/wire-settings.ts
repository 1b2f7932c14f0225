import type { SwitchChange, SwitchState } from './switch.repository.js'

/** One change of the switch, as the admin routes tell it; `discarded`: how many held deliveries it cancelled. */
export interface WireSettingsChange {
  readonly disabled: boolean
  readonly changed_at: string | null
  readonly by: string | null
  readonly address: string | null
  readonly reason: string | null
  readonly discarded: number | null
}

/** The answer of `GET` and `PATCH /webhooks/settings` (webhooks contract section 6). */
export interface WireSettings extends Omit<WireSettingsChange, 'discarded'> {
  /** `http.disable_webhooks` of the configuration, which no switch overrules. */
  readonly disabled_by_file: boolean
  /** Deliveries that wait now, counted up to 10,000. */
  readonly held: number
  /** Whether there are more than were counted. */
  readonly held_more: boolean
  /** The latest changes, newest first. */
  readonly history: readonly WireSettingsChange[]
}

/** What is known of the switch. */
export interface SwitchView {
  readonly state: SwitchState
  readonly isOffByFile: boolean
  readonly held: number
  readonly holdsMore: boolean
  readonly history: readonly SwitchChange[]
}

/** The switch as it goes over the wire. */
export function toWireSettings({ state, isOffByFile, held, holdsMore, history }: SwitchView): WireSettings {
  return {
    ...toWireState(state),
    disabled_by_file: isOffByFile,
    held,
    held_more: holdsMore,
    history: history.map((change) => ({ ...toWireState(change), discarded: change.discarded })),
  }
}

function toWireState({ disabled, changedAt, by, address, reason }: SwitchState) {
  return { disabled, changed_at: changedAt?.toISOString() ?? null, by, address, reason }
}
