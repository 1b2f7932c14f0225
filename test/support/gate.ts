import { Receiver } from '#testing'

/** A door in a graph's way: a node that fetches its URL waits until the test opens it. */
export class Gate {
  #open: () => void = () => {}

  private constructor(private readonly receiver: Receiver) {}

  static async make(): Promise<Gate> {
    const gate = new Gate(await Receiver.start())
    gate.receiver.otherwise({ status: 200, after: new Promise<void>((resolve) => (gate.#open = resolve)) })
    return gate
  }

  get url(): string {
    return this.receiver.url('/gate')
  }

  /** Resolves once `count` nodes stand at the gate or have passed it. */
  async reached(count = 1): Promise<void> {
    await this.receiver.waitFor(count)
  }

  /** Lets everyone through, now and later. */
  open(): void {
    this.#open()
  }

  async close(): Promise<void> {
    this.open()
    await this.receiver.close()
  }
}
