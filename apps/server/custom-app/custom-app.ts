import { Injectable } from '@nestjs/common'
import { Authentication, CallerContext } from '#auth'
import { Settings } from '#config'
import { UserModules } from '#graphs'
import { type AnswerRequest, CustomRoutes, Logger } from '#kernel'
import { guardedAnswer } from '../auth/guarded-answer.js'
import { failedAnswer } from './failed-answer.js'
import type { Exchange, LayeredApp } from './exchange.js'
import { layerOf } from './fetch-app.js'

/** `http.app` of the project (contract 11). */
@Injectable()
export class CustomApp {
  #layer: LayeredApp | null = null

  constructor(
    private readonly settings: Settings,
    private readonly modules: UserModules,
    private readonly routes: CustomRoutes,
    private readonly authentication: Authentication,
    private readonly context: CallerContext,
    private readonly logger: Logger,
  ) {}

  /** Loads it, if there is one; called once by the composition root. @throws AppError `start_refused`. */
  async load(): Promise<void> {
    const { customRoutes } = this.settings.http
    if (customRoutes === null) return
    const exported = await this.modules.load(customRoutes.app, 'http.app')
    this.#layer = layerOf(await exported, (err) => this.#report(err))
    const builtIn = () => Promise.resolve(failedAnswer(404))
    const answer: AnswerRequest = (request) => this.handle({ request, replay: () => null, builtIn })
    // Whoever asks from inside of this process is nobody, whatever woke it.
    const asNobody: AnswerRequest = (request) => this.context.run(null, () => answer(request))
    const isGuarded = customRoutes.authenticated && this.authentication.isRequired
    this.routes.mount(isGuarded ? guardedAnswer(this.authentication, this.context, answer) : asNobody)
  }

  /** The app's answer, around that of the built-in routes. An app that fails answers 500. Never rejects. */
  async handle(exchange: Exchange): Promise<Response> {
    if (!this.#layer) return exchange.builtIn(exchange.request)
    try {
      const answer: unknown = await this.#layer(exchange)
      if (answer instanceof Response) return answer
      throw new TypeError('the app of http.app gave no Response')
    } catch (err) {
      if (!exchange.request.signal.aborted) this.#report(err)
      return failedAnswer(500)
    }
  }

  #report(err: unknown): void {
    this.logger.error({ err }, 'the app of http.app failed')
  }
}
