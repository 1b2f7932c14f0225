import type { Authentication, CallerContext } from '#auth'
import type { AnswerRequest } from '#kernel'
import { errorAnswer } from '../edge/error-answer.js'

/**
 * Custom routes that ask for authentication ask requests of this process for it too: a path webhook is sent by the
 * server and written by a caller, who may not reach with it what is closed to everybody else.
 */
export function guardedAnswer(
  authentication: Authentication,
  context: CallerContext,
  answer: AnswerRequest,
): AnswerRequest {
  return async (request) => {
    const headers = Object.fromEntries(request.headers)
    try {
      const call = {
        headers,
        remoteAddress: undefined,
        toRequest: () => new Request(request.url, { method: request.method, headers }),
      }
      const caller = await authentication.authenticate(call)
      return await context.run(caller, () => answer(request))
    } catch (thrown) {
      const { status, detail, headers: further = {} } = errorAnswer(thrown)
      return Response.json({ detail }, { status, headers: further })
    }
  }
}
