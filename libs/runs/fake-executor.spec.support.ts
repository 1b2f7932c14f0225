import type { ExecuteHooks, ExecuteOutcome, ExecuteRequest, GraphExecutor, SettledState } from '#graphs'
import { aborted } from '#kernel'

/** The state of a graph that is done. */
export function doneState(values: object): SettledState {
  return { valuesJson: JSON.stringify(values), next: [], interruptsJson: '{}' }
}

/** One run in the hands of the fake executor: the spec says how it ends. */
export class FakeExecution {
  readonly ended: Promise<ExecuteOutcome>
  #end: (outcome: ExecuteOutcome) => void = () => undefined
  #fail: (error: Error) => void = () => undefined

  constructor(
    readonly request: ExecuteRequest,
    readonly hooks: ExecuteHooks,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    void aborted(hooks.signal).then(() => this.end({ status: 'aborted' }))
  }

  /** Ends the graph; done with `{"log":["done"]}` unless told. */
  end(change: Partial<ExecuteOutcome> = {}): void {
    const state = doneState({ log: ['done'] })
    const lastValuesJson = change.state === undefined ? state.valuesJson : (change.state?.valuesJson ?? null)
    this.#end({ status: 'success', error: null, lastValuesJson, interruptsJson: null, state, ...change })
  }

  /** A failure outside the graph. */
  fail(error: Error): void {
    this.#fail(error)
  }
}

/** In the place of `GraphExecutor`: each execution waits for the spec, or ends by its signal. */
export class FakeExecutor implements Pick<GraphExecutor, 'execute'> {
  readonly executions: FakeExecution[] = []
  readonly #waiting: ((execution: FakeExecution) => void)[] = []
  #taken = 0
  #automatic = false

  execute(request: ExecuteRequest, hooks: ExecuteHooks): Promise<ExecuteOutcome> {
    const execution = new FakeExecution(request, hooks)
    this.executions.push(execution)
    const waiting = this.#waiting.shift()
    if (waiting) {
      this.#taken += 1
      waiting(execution)
    }
    if (this.#automatic) execution.end()
    return execution.ended
  }

  /** Lets every execution succeed at once from now on. */
  endAll(): void {
    this.#automatic = true
    for (const execution of this.executions) execution.end()
  }

  /** The next execution that no call of this has given yet. */
  next(): Promise<FakeExecution> {
    const execution = this.executions[this.#taken]
    if (!execution) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#taken += 1
    return Promise.resolve(execution)
  }
}
