import { Socket } from 'node:net'
import { vi } from 'vitest'

/** Notes every connect of this process, whatever makes it, from now until `stop`. */
export class ConnectWatch {
  readonly #spy = vi.spyOn(Socket.prototype, 'connect')

  /** The ports that were connected to, oldest first. */
  get ports(): number[] {
    return this.#spy.mock.calls.map((call: unknown[]) => portOf(call[0])).filter((port) => port !== null)
  }

  stop(): void {
    this.#spy.mockRestore()
  }
}

/** `connect` takes options, or what `net.connect` has made of its arguments: a list that begins with them. */
function portOf(argument: unknown): number | null {
  const options: unknown = Array.isArray(argument) ? argument[0] : argument
  if (typeof options === 'number') return options
  if (typeof options !== 'object' || options === null || !('port' in options)) return null
  return Number(options.port)
}
