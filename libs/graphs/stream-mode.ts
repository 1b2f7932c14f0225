/** Every stream mode a client may ask for (contract 5.2); the two of messages differ in form only. */
export const STREAM_MODES = [
  'values',
  'messages',
  'messages-tuple',
  'updates',
  'events',
  'tasks',
  'checkpoints',
  'debug',
  'custom',
  'tools',
] as const

/** One stream mode. */
export type StreamMode = (typeof STREAM_MODES)[number]

/**
 * The modes LangGraph itself is asked for: `values` always, because the outcome of a run is made from it; both forms
 * of messages come from its `messages`; `events` are not one of its modes.
 */
export function graphModes(requested: readonly StreamMode[]): string[] {
  const modes = requested.filter((mode) => mode !== 'events').map((mode) => (isMessages(mode) ? 'messages' : mode))
  return [...new Set(['values', ...modes])]
}

function isMessages(mode: StreamMode): boolean {
  return mode === 'messages' || mode === 'messages-tuple'
}
