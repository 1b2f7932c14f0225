/** Answers a request. Never rejects. */
export type AnswerRequest = (request: Request) => Promise<Response>

/** The project's own routes (`http.app`), for rooms that hand requests to them and know nothing of the app. */
export class CustomRoutes {
  #answer: AnswerRequest | null = null

  /** Whether the project has any. */
  get exist(): boolean {
    return this.#answer !== null
  }

  /** Called once, by the composition root, where there is an app. */
  mount(answer: AnswerRequest): void {
    this.#answer = answer
  }

  /** The answer of the custom routes alone, never of a built-in one: 404 for what they do not take. Never rejects. */
  async answer(request: Request): Promise<Response> {
    return this.#answer ? this.#answer(request) : Response.json({ detail: 'Not Found' }, { status: 404 })
  }
}
