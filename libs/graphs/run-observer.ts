import { isJsonObject } from '#kernel'
import type { StreamItem } from './stream-source.js'

/** Remembers, whatever modes were asked for, what the outcome of an attempt is made of. */
export class RunObserver {
  #lastValues: { readonly values: unknown } | null = null
  #interrupts: unknown[] | null = null

  /** The last snapshot of the root's values; null when there was none. */
  get lastValues(): { readonly values: unknown } | null {
    return this.#lastValues
  }

  /** Interrupts met at the end, empty for a static breakpoint; null when there were none. */
  get interrupts(): readonly unknown[] | null {
    return this.#interrupts
  }

  see(item: StreamItem): void {
    if (item.kind !== 'chunk' || item.chunk.mode !== 'values' || item.chunk.namespace.length > 0) return
    const values = item.chunk.payload
    const interrupts = isJsonObject(values) ? values['__interrupt__'] : undefined
    if (Array.isArray(interrupts)) this.#interrupts = [...(this.#interrupts ?? []), ...(interrupts as unknown[])]
    else this.#lastValues = { values }
  }
}
