const ALWAYS = new Set(['metadata', 'error', 'feedback'])
const MESSAGE_MODES = new Set(['messages', 'messages-tuple'])

/** Which events a reader of these modes gets, by name (contract 6.7); null lets everything through. */
export function modeFilter(modes: readonly string[] | null): (event: string) => boolean {
  if (modes === null) return () => true
  const wanted = new Set(modes)
  const wantsMessages = modes.some((mode) => MESSAGE_MODES.has(mode))
  return (event) => {
    const name = event.split('|', 1)[0] ?? event
    return ALWAYS.has(name) || wanted.has(name) || (wantsMessages && name.startsWith('messages'))
  }
}
